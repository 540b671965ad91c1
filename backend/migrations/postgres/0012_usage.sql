CREATE TABLE "usage_hours" (
	"id" text PRIMARY KEY NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"day" text NOT NULL,
	"principal" text NOT NULL,
	"team" text,
	"instance" text NOT NULL,
	"namespace" text,
	"deployment" text,
	"model" text,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"completion_tokens" bigint NOT NULL,
	"first_byte_ms" bigint NOT NULL,
	"first_bytes" bigint NOT NULL,
	"gpu_seconds" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usage_windows" (
	"id" text PRIMARY KEY NOT NULL,
	"used" bigint NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "is_use_only" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "limits" jsonb;--> statement-breakpoint
ALTER TABLE "group_mappings" ADD COLUMN "limits" jsonb;--> statement-breakpoint
CREATE INDEX "usage_hours_hour" ON "usage_hours" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "usage_hours_principal_hour" ON "usage_hours" USING btree ("principal","hour");--> statement-breakpoint
CREATE INDEX "usage_windows_ends_at" ON "usage_windows" USING btree ("ends_at");