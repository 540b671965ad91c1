CREATE TABLE `confirmations` (
	`id` text PRIMARY KEY NOT NULL,
	`digest` text NOT NULL,
	`user_id` text,
	`principal` text NOT NULL,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`input_sealed` text,
	`via` text,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`decided_at` integer,
	`decided_by` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `confirmations_digest` ON `confirmations` (`digest`);--> statement-breakpoint
CREATE INDEX `confirmations_user_id` ON `confirmations` (`user_id`);--> statement-breakpoint
CREATE INDEX `confirmations_principal` ON `confirmations` (`principal`);--> statement-breakpoint
CREATE INDEX `confirmations_expires_at` ON `confirmations` (`expires_at`);