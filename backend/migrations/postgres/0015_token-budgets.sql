CREATE TABLE "token_holdings" (
	"id" text PRIMARY KEY NOT NULL,
	"token_id" text NOT NULL,
	"instance" text NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"uid" text,
	"base" integer NOT NULL,
	"gpus" integer NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "calls_per_day" integer;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "gpus_max" integer;--> statement-breakpoint
ALTER TABLE "token_holdings" ADD CONSTRAINT "token_holdings_token_id_api_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."api_tokens"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "token_holdings_token_id" ON "token_holdings" USING btree ("token_id");