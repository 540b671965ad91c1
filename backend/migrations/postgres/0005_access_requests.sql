ALTER TABLE "access_requests" ADD COLUMN "ends_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "ended_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "identities" ADD COLUMN "groups_asked_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "grants_ends_at" ON "grants" USING btree ("ends_at");