CREATE TABLE `access_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`instance_id` text,
	`namespaces` text,
	`reason` text NOT NULL,
	`minutes` integer NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`decided_at` integer,
	`decided_by` text,
	`decision_reason` text,
	`grant_id` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `access_requests_user_id` ON `access_requests` (`user_id`);--> statement-breakpoint
CREATE INDEX `access_requests_state` ON `access_requests` (`state`);--> statement-breakpoint
CREATE TABLE `audit_checkpoints` (
	`seq` integer PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`removed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `group_mappings` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`group_id` text NOT NULL,
	`group_name` text,
	`role` text NOT NULL,
	`instance_id` text,
	`namespaces` text,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `group_mappings_provider_group_id` ON `group_mappings` (`provider`,`group_id`);--> statement-breakpoint
ALTER TABLE `audit_log` ADD `previous_hash` text;--> statement-breakpoint
ALTER TABLE `audit_log` ADD `hash` text;--> statement-breakpoint
ALTER TABLE `grants` ADD `mapping_id` text REFERENCES group_mappings(id) ON DELETE cascade;--> statement-breakpoint
CREATE INDEX `grants_mapping_id` ON `grants` (`mapping_id`);