CREATE TABLE `leases` (
	`name` text PRIMARY KEY NOT NULL,
	`holder` text NOT NULL,
	`fencing_number` integer NOT NULL,
	`expires_at` integer NOT NULL
);
