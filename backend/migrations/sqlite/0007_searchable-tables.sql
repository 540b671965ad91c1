CREATE TABLE `identity_groups` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`identity_id` text NOT NULL,
	`provider` text NOT NULL,
	`group_id` text NOT NULL,
	`user_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `identity_groups_identity_id` ON `identity_groups` (`identity_id`);--> statement-breakpoint
CREATE INDEX `identity_groups_group_id` ON `identity_groups` (`group_id`,`provider`,`user_id`);--> statement-breakpoint
CREATE TABLE `known_groups` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`group_id` text NOT NULL,
	`name` text
);
--> statement-breakpoint
DROP INDEX `grants_ends_at`;--> statement-breakpoint
CREATE INDEX `grants_ended_at_ends_at` ON `grants` (`ended_at`,`ends_at`);--> statement-breakpoint
CREATE INDEX `grants_role` ON `grants` (`role`);--> statement-breakpoint
DROP INDEX `access_requests_state`;--> statement-breakpoint
CREATE INDEX `access_requests_decided_at` ON `access_requests` (`decided_at`);--> statement-breakpoint
CREATE INDEX `access_requests_grant_id` ON `access_requests` (`grant_id`);--> statement-breakpoint
CREATE INDEX `access_requests_state` ON `access_requests` (`state`,`created_at`);--> statement-breakpoint
DROP INDEX `audit_log_request_id`;--> statement-breakpoint
CREATE INDEX `audit_log_actor` ON `audit_log` (`actor`,`seq`);--> statement-breakpoint
CREATE INDEX `audit_log_action` ON `audit_log` (`action`,`seq`);--> statement-breakpoint
CREATE INDEX `audit_log_outcome` ON `audit_log` (`outcome`,`seq`);--> statement-breakpoint
CREATE INDEX `audit_log_instance` ON `audit_log` (("target" ->> 'instance'),`seq`);--> statement-breakpoint
CREATE INDEX `audit_log_request_id` ON `audit_log` (`request_id`,`seq`);--> statement-breakpoint
CREATE INDEX `identities_groups_asked_at` ON `identities` (`groups_asked_at`,`id`);--> statement-breakpoint
CREATE INDEX `users_name` ON `users` (lower("display_name"),`id`);--> statement-breakpoint
INSERT INTO `identity_groups` (`identity_id`, `provider`, `group_id`, `user_id`) SELECT DISTINCT `identities`.`id`, `identities`.`provider`, `member`.`value` ->> 'id', `identities`.`user_id` FROM `identities` JOIN json_each(`identities`.`groups`) AS `member`;--> statement-breakpoint
INSERT INTO `known_groups` (`id`, `provider`, `group_id`, `name`) SELECT `identities`.`provider` || ' ' || (`member`.`value` ->> 'id'), `identities`.`provider`, `member`.`value` ->> 'id', max(`member`.`value` ->> 'name') FROM `identities` JOIN json_each(`identities`.`groups`) AS `member` GROUP BY `identities`.`provider`, `member`.`value` ->> 'id';
