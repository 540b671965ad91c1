CREATE TABLE `deployment_revisions` (
	`id` text PRIMARY KEY NOT NULL,
	`cluster_uid` text NOT NULL,
	`deployment_uid` text NOT NULL,
	`generation` integer NOT NULL,
	`at` integer NOT NULL,
	`by` text,
	`by_name` text,
	`manager` text,
	`spec_sealed` text NOT NULL,
	`gone_at` integer
);
--> statement-breakpoint
CREATE INDEX `deployment_revisions_deployment_uid` ON `deployment_revisions` (`deployment_uid`,`generation`);--> statement-breakpoint
CREATE INDEX `deployment_revisions_gone_at` ON `deployment_revisions` (`gone_at`);--> statement-breakpoint
CREATE TABLE `deployment_templates` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`description` text,
	`instance_ids` text,
	`spec` text NOT NULL,
	`open` text NOT NULL,
	`changed_at` integer NOT NULL,
	`changed_by` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`request_ids` text NOT NULL,
	`asked_sealed` text NOT NULL,
	`done_sealed` text,
	`status` integer,
	`held_until` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_expires_at` ON `idempotency_keys` (`expires_at`);--> statement-breakpoint
CREATE TABLE `instance_maintenance` (
	`instance_id` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`until` integer NOT NULL,
	`since` integer NOT NULL,
	`by` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `instance_maintenance_until` ON `instance_maintenance` (`until`);--> statement-breakpoint
CREATE TABLE `instance_policies` (
	`instance_id` text PRIMARY KEY NOT NULL,
	`policy` text NOT NULL,
	`changed_at` integer NOT NULL,
	`changed_by` text NOT NULL
);
