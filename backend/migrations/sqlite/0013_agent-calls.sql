ALTER TABLE `audit_attempts` ADD `via` text;--> statement-breakpoint
ALTER TABLE `audit_log` ADD `via` text;--> statement-breakpoint
CREATE INDEX `audit_log_agent_calls` ON `audit_log` (`user_id`,`seq`) WHERE via IS NOT NULL;