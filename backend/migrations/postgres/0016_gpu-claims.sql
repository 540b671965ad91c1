CREATE TABLE "gpu_claims" (
	"id" text PRIMARY KEY NOT NULL,
	"caller" text NOT NULL,
	"instance" text NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"gpus" integer NOT NULL,
	"is_settled" boolean NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "gpu_claims_caller" ON "gpu_claims" USING btree ("caller");