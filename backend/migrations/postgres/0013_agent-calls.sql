ALTER TABLE "audit_attempts" ADD COLUMN "via" jsonb;--> statement-breakpoint
ALTER TABLE "audit_log" ADD COLUMN "via" jsonb;--> statement-breakpoint
CREATE INDEX "audit_log_agent_calls" ON "audit_log" USING btree ("user_id","seq") WHERE via IS NOT NULL;