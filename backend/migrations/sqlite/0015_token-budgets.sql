CREATE TABLE `token_holdings` (
	`id` text PRIMARY KEY NOT NULL,
	`token_id` text NOT NULL,
	`instance` text NOT NULL,
	`namespace` text NOT NULL,
	`name` text NOT NULL,
	`uid` text,
	`base` integer NOT NULL,
	`gpus` integer NOT NULL,
	`changed_at` integer NOT NULL,
	FOREIGN KEY (`token_id`) REFERENCES `api_tokens`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `token_holdings_token_id` ON `token_holdings` (`token_id`);--> statement-breakpoint
ALTER TABLE `api_tokens` ADD `calls_per_day` integer;--> statement-breakpoint
ALTER TABLE `api_tokens` ADD `gpus_max` integer;