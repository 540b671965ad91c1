ALTER TABLE `access_requests` ADD `ends_at` integer;--> statement-breakpoint
ALTER TABLE `grants` ADD `ended_at` integer;--> statement-breakpoint
CREATE INDEX `grants_ends_at` ON `grants` (`ends_at`);--> statement-breakpoint
ALTER TABLE `identities` ADD `groups_asked_at` integer;