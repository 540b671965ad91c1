CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"fencing_number" bigint NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
