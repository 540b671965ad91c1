CREATE TABLE `api_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`secret_hash` text NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`role_ceiling` text NOT NULL,
	`instance_ids` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`last_used_at` integer,
	`revoked_at` integer,
	`revoke_reason` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `api_tokens_user_id` ON `api_tokens` (`user_id`);--> statement-breakpoint
CREATE INDEX `api_tokens_expires_at` ON `api_tokens` (`expires_at`);--> statement-breakpoint
CREATE TABLE `changes` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`occurred_at` integer NOT NULL,
	`topic` text NOT NULL,
	`subject` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `changes_occurred_at` ON `changes` (`occurred_at`);--> statement-breakpoint
CREATE TABLE `grants` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`service_principal_id` text,
	`role` text NOT NULL,
	`instance_id` text,
	`namespaces` text,
	`source` text NOT NULL,
	`ends_at` integer,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`service_principal_id`) REFERENCES `service_principals`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `grants_user_id` ON `grants` (`user_id`);--> statement-breakpoint
CREATE INDEX `grants_service_principal_id` ON `grants` (`service_principal_id`);--> statement-breakpoint
CREATE TABLE `one_time_codes` (
	`code_hash` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`principal` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE INDEX `one_time_codes_expires_at` ON `one_time_codes` (`expires_at`);--> statement-breakpoint
CREATE TABLE `service_principals` (
	`id` text PRIMARY KEY NOT NULL,
	`issuer` text NOT NULL,
	`client_id` text NOT NULL,
	`principal` text NOT NULL,
	`display_name` text NOT NULL,
	`disabled_at` integer,
	`created_at` integer NOT NULL,
	`last_seen_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `service_principals_issuer_client_id` ON `service_principals` (`issuer`,`client_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `service_principals_principal` ON `service_principals` (`principal`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`secret_hash` text NOT NULL,
	`previous_secret_hash` text,
	`renewed_at` integer NOT NULL,
	`user_id` text NOT NULL,
	`identity_id` text NOT NULL,
	`provider_session_id` text,
	`id_token_sealed` text,
	`created_at` integer NOT NULL,
	`authenticated_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer,
	`revoke_reason` text,
	`ip` text,
	`user_agent` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`identity_id`) REFERENCES `identities`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sessions_user_id` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_provider_session_id` ON `sessions` (`provider_session_id`);--> statement-breakpoint
CREATE INDEX `sessions_expires_at` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `used_logout_tokens` (
	`id_hash` text PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `used_logout_tokens_expires_at` ON `used_logout_tokens` (`expires_at`);--> statement-breakpoint
ALTER TABLE `identities` ADD `groups` text;--> statement-breakpoint
ALTER TABLE `identities` ADD `groups_state` text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE `identities` ADD `groups_synced_at` integer;--> statement-breakpoint
ALTER TABLE `identities` ADD `tokens_sealed` text;--> statement-breakpoint
CREATE INDEX `identities_principal` ON `identities` (`principal`);