CREATE TABLE `usage_hours` (
	`id` text PRIMARY KEY NOT NULL,
	`hour` integer NOT NULL,
	`day` text NOT NULL,
	`principal` text NOT NULL,
	`team` text,
	`instance` text NOT NULL,
	`namespace` text,
	`deployment` text,
	`model` text,
	`requests` integer NOT NULL,
	`errors` integer NOT NULL,
	`prompt_tokens` integer NOT NULL,
	`completion_tokens` integer NOT NULL,
	`first_byte_ms` integer NOT NULL,
	`first_bytes` integer NOT NULL,
	`gpu_seconds` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `usage_hours_hour` ON `usage_hours` (`hour`);--> statement-breakpoint
CREATE INDEX `usage_hours_principal_hour` ON `usage_hours` (`principal`,`hour`);--> statement-breakpoint
CREATE TABLE `usage_windows` (
	`id` text PRIMARY KEY NOT NULL,
	`used` integer NOT NULL,
	`ends_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `usage_windows_ends_at` ON `usage_windows` (`ends_at`);--> statement-breakpoint
ALTER TABLE `api_tokens` ADD `is_use_only` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `grants` ADD `limits` text;--> statement-breakpoint
ALTER TABLE `group_mappings` ADD `limits` text;