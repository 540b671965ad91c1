ALTER TABLE `identities` ADD `groups_dropped` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `identities` ADD `is_asking` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `identities` ADD `admission` text;--> statement-breakpoint
ALTER TABLE `identities` ADD `withdrawn_at` integer;--> statement-breakpoint
ALTER TABLE `identities` ADD `withdrawn_reason` text;