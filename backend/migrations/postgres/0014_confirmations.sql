CREATE TABLE "confirmations" (
	"id" text PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"user_id" text,
	"principal" text NOT NULL,
	"action" text NOT NULL,
	"target" jsonb NOT NULL,
	"input_sealed" text,
	"via" jsonb,
	"state" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text
);
--> statement-breakpoint
ALTER TABLE "confirmations" ADD CONSTRAINT "confirmations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "confirmations_digest" ON "confirmations" USING btree ("digest");--> statement-breakpoint
CREATE INDEX "confirmations_user_id" ON "confirmations" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "confirmations_principal" ON "confirmations" USING btree ("principal");--> statement-breakpoint
CREATE INDEX "confirmations_expires_at" ON "confirmations" USING btree ("expires_at");