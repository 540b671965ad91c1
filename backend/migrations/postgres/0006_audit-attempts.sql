CREATE TABLE "audit_attempts" (
	"id" text PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"user_id" text,
	"ip" text,
	"action" text NOT NULL,
	"target" jsonb NOT NULL,
	"evidence" jsonb NOT NULL,
	"unknown_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "audit_attempts_action" ON "audit_attempts" USING btree ("action");