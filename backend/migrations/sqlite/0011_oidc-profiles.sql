CREATE TABLE `oidc_profiles` (
	`instance_id` text PRIMARY KEY NOT NULL,
	`profile` text NOT NULL,
	`changed_at` integer NOT NULL,
	`changed_by` text NOT NULL
);
