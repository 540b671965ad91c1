CREATE TABLE "access_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"instance_id" text,
	"namespaces" jsonb,
	"reason" text NOT NULL,
	"minutes" integer NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	"decision_reason" text,
	"grant_id" text
);
--> statement-breakpoint
CREATE TABLE "audit_checkpoints" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"removed_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "group_mappings" (
	"id" text PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"group_id" text NOT NULL,
	"group_name" text,
	"role" text NOT NULL,
	"instance_id" text,
	"namespaces" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_log" ADD COLUMN "previous_hash" text;--> statement-breakpoint
ALTER TABLE "audit_log" ADD COLUMN "hash" text;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "mapping_id" text;--> statement-breakpoint
ALTER TABLE "access_requests" ADD CONSTRAINT "access_requests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "access_requests_user_id" ON "access_requests" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "access_requests_state" ON "access_requests" USING btree ("state");--> statement-breakpoint
CREATE INDEX "group_mappings_provider_group_id" ON "group_mappings" USING btree ("provider","group_id");--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_mapping_id_group_mappings_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "public"."group_mappings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "grants_mapping_id" ON "grants" USING btree ("mapping_id");