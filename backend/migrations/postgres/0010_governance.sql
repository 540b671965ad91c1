CREATE TABLE "deployment_revisions" (
	"id" text PRIMARY KEY NOT NULL,
	"cluster_uid" text NOT NULL,
	"deployment_uid" text NOT NULL,
	"generation" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text,
	"by_name" text,
	"manager" text,
	"spec_sealed" text NOT NULL,
	"gone_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "deployment_templates" (
	"id" text PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"description" text,
	"instance_ids" jsonb,
	"spec" jsonb NOT NULL,
	"open" jsonb NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"changed_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"request_ids" jsonb NOT NULL,
	"asked_sealed" text NOT NULL,
	"done_sealed" text,
	"status" integer,
	"held_until" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "instance_maintenance" (
	"instance_id" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "instance_policies" (
	"instance_id" text PRIMARY KEY NOT NULL,
	"policy" jsonb NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"changed_by" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "deployment_revisions_deployment_uid" ON "deployment_revisions" USING btree ("deployment_uid","generation");--> statement-breakpoint
CREATE INDEX "deployment_revisions_gone_at" ON "deployment_revisions" USING btree ("gone_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_expires_at" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "instance_maintenance_until" ON "instance_maintenance" USING btree ("until");