CREATE TABLE `audit_attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`occurred_at` integer NOT NULL,
	`actor` text NOT NULL,
	`user_id` text,
	`ip` text,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`evidence` text NOT NULL,
	`unknown_at` integer
);
--> statement-breakpoint
CREATE INDEX `audit_attempts_action` ON `audit_attempts` (`action`);