CREATE TABLE "instances" (
	"id" text PRIMARY KEY NOT NULL,
	"cluster_uid" text NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"confirmed_at" timestamp (3) with time zone,
	"confirmed_by" text
);
