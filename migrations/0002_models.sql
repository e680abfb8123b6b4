CREATE TABLE `customer_locks` (
	`program_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`partner_id` text NOT NULL,
	`bound_at` integer NOT NULL,
	PRIMARY KEY(`program_id`, `customer_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`partner_id`) REFERENCES `enrollments`(`program_id`,`partner_id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `policies` ADD `weights` text DEFAULT '[40,20,40]' NOT NULL;--> statement-breakpoint
ALTER TABLE `policies` ADD `guard_seconds` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `policies` ADD `reject_solo` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `policies` ADD `channel_policy` text DEFAULT 'ignore' NOT NULL;