CREATE TABLE `instances` (
	`id` text PRIMARY KEY NOT NULL,
	`cluster_uid` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	`confirmed_at` integer,
	`confirmed_by` text
);
