CREATE TABLE "identity_groups" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"identity_id" text NOT NULL,
	"provider" text NOT NULL,
	"group_id" text NOT NULL,
	"user_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "known_groups" (
	"id" text PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"group_id" text NOT NULL,
	"name" text
);
--> statement-breakpoint
DROP INDEX "grants_ends_at";--> statement-breakpoint
DROP INDEX "access_requests_state";--> statement-breakpoint
DROP INDEX "audit_log_request_id";--> statement-breakpoint
CREATE INDEX "identity_groups_identity_id" ON "identity_groups" USING btree ("identity_id");--> statement-breakpoint
CREATE INDEX "identity_groups_group_id" ON "identity_groups" USING btree ("group_id","provider","user_id");--> statement-breakpoint
CREATE INDEX "access_requests_decided_at" ON "access_requests" USING btree ("decided_at");--> statement-breakpoint
CREATE INDEX "access_requests_grant_id" ON "access_requests" USING btree ("grant_id");--> statement-breakpoint
CREATE INDEX "audit_log_actor" ON "audit_log" USING btree ("actor","seq");--> statement-breakpoint
CREATE INDEX "audit_log_action" ON "audit_log" USING btree ("action","seq");--> statement-breakpoint
CREATE INDEX "audit_log_outcome" ON "audit_log" USING btree ("outcome","seq");--> statement-breakpoint
CREATE INDEX "audit_log_instance" ON "audit_log" USING btree (("target" ->> 'instance'),"seq");--> statement-breakpoint
CREATE INDEX "grants_ended_at_ends_at" ON "grants" USING btree ("ended_at","ends_at");--> statement-breakpoint
CREATE INDEX "grants_role" ON "grants" USING btree ("role");--> statement-breakpoint
CREATE INDEX "identities_groups_asked_at" ON "identities" USING btree ("groups_asked_at","id");--> statement-breakpoint
CREATE INDEX "users_name" ON "users" USING btree (lower("display_name"),"id");--> statement-breakpoint
CREATE INDEX "access_requests_state" ON "access_requests" USING btree ("state","created_at");--> statement-breakpoint
CREATE INDEX "audit_log_request_id" ON "audit_log" USING btree ("request_id","seq");--> statement-breakpoint
INSERT INTO "identity_groups" ("identity_id", "provider", "group_id", "user_id") SELECT DISTINCT "identities"."id", "identities"."provider", "member"."value" ->> 'id', "identities"."user_id" FROM "identities" CROSS JOIN LATERAL jsonb_array_elements("identities"."groups") AS "member"("value");--> statement-breakpoint
INSERT INTO "known_groups" ("id", "provider", "group_id", "name") SELECT "identities"."provider" || ' ' || ("member"."value" ->> 'id'), "identities"."provider", "member"."value" ->> 'id', max("member"."value" ->> 'name') FROM "identities" CROSS JOIN LATERAL jsonb_array_elements("identities"."groups") AS "member"("value") GROUP BY "identities"."provider", "member"."value" ->> 'id';
