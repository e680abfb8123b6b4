CREATE TABLE `allocations` (
	`program_id` text NOT NULL,
	`conversion_id` text NOT NULL,
	`line` integer NOT NULL,
	`partner_id` text NOT NULL,
	`share_micros` integer NOT NULL,
	`base` integer NOT NULL,
	`rate_ppm` integer NOT NULL,
	`commission` integer NOT NULL,
	PRIMARY KEY(`program_id`, `conversion_id`, `line`, `partner_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`conversion_id`) REFERENCES `conversions`(`program_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`partner_id`) REFERENCES `enrollments`(`program_id`,`partner_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "allocations_share" CHECK("allocations"."share_micros" BETWEEN 0 AND 1000000)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `clicks` (
	`program_id` text NOT NULL,
	`partner_id` text NOT NULL,
	`key` text NOT NULL,
	`link_id` text,
	`class` text NOT NULL,
	`reason` text,
	`country` text,
	`device` text,
	`browser` text,
	`os` text,
	`referrer_host` text,
	`sub1` text,
	`sub2` text,
	`sub3` text,
	`sub4` text,
	`sub5` text,
	PRIMARY KEY(`program_id`, `partner_id`, `key`),
	CONSTRAINT "clicks_class" CHECK("clicks"."class" IN ('valid', 'suspect', 'refused'))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `commissions` (
	`program_id` text NOT NULL,
	`partner_id` text NOT NULL,
	`conversion_id` text NOT NULL,
	`share_micros` integer NOT NULL,
	`base` integer NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`status` text NOT NULL,
	`held_until` integer NOT NULL,
	`occurred_at` integer NOT NULL,
	PRIMARY KEY(`program_id`, `conversion_id`, `partner_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`conversion_id`) REFERENCES `conversions`(`program_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`partner_id`) REFERENCES `enrollments`(`program_id`,`partner_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "commissions_status" CHECK("commissions"."status" IN ('pending', 'approved', 'in_payout', 'paid', 'rejected', 'reversed')),
	CONSTRAINT "commissions_amount" CHECK("commissions"."amount" BETWEEN 0 AND 9007199254740991)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `commissions_partner_day` ON `commissions` (`program_id`,`partner_id`,`occurred_at`);--> statement-breakpoint
CREATE INDEX `commissions_day` ON `commissions` (`program_id`,`occurred_at`);--> statement-breakpoint
CREATE TABLE `considered` (
	`program_id` text NOT NULL,
	`partner_id` text NOT NULL,
	`conversion_id` text NOT NULL,
	PRIMARY KEY(`program_id`, `partner_id`, `conversion_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`conversion_id`) REFERENCES `conversions`(`program_id`,`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `conversion_items` (
	`program_id` text NOT NULL,
	`conversion_id` text NOT NULL,
	`line` integer NOT NULL,
	`sku` text,
	`name` text,
	`category` text,
	`kind` text NOT NULL,
	`quantity` integer NOT NULL,
	`price` integer NOT NULL,
	`discount` integer NOT NULL,
	`tax` integer,
	`base` integer NOT NULL,
	PRIMARY KEY(`program_id`, `conversion_id`, `line`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`conversion_id`) REFERENCES `conversions`(`program_id`,`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `conversions` (
	`program_id` text NOT NULL,
	`id` text NOT NULL,
	`event` text NOT NULL,
	`order_id` text NOT NULL,
	`version` integer NOT NULL,
	`source` text NOT NULL,
	`verified` integer NOT NULL,
	`currency` text NOT NULL,
	`base` integer NOT NULL,
	`occurred_at` integer NOT NULL,
	`received_at` integer NOT NULL,
	`visitor_id` text,
	`customer_id` text,
	`reason` text NOT NULL,
	`model` text NOT NULL,
	`policy_version` integer NOT NULL,
	`terms_version` integer NOT NULL,
	`explanation` text NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`program_id`, `id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "conversions_base" CHECK("conversions"."base" BETWEEN 0 AND 9007199254740991)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `conversions_occurred` ON `conversions` (`program_id`,`occurred_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `conversions_order` ON `conversions` (`program_id`,`event`,`order_id`);--> statement-breakpoint
CREATE TABLE `customer_keys` (
	`program_id` text NOT NULL,
	`hash` text NOT NULL,
	`kind` text NOT NULL,
	`customer_id` text NOT NULL,
	PRIMARY KEY(`program_id`, `hash`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
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
CREATE TABLE `enrollments` (
	`program_id` text NOT NULL,
	`partner_id` text NOT NULL,
	`slug` text NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`started_at` integer NOT NULL,
	`stopped_at` integer,
	`for_cause` integer DEFAULT false NOT NULL,
	PRIMARY KEY(`program_id`, `partner_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`partner_id`) REFERENCES `partners`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "enrollments_stopped" CHECK(("enrollments"."status" = 'active') = ("enrollments"."stopped_at" IS NULL))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `enrollments_program_id_slug_unique` ON `enrollments` (`program_id`,`slug`);--> statement-breakpoint
CREATE TABLE `identities` (
	`program_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`first_at` integer NOT NULL,
	`proven` integer NOT NULL,
	PRIMARY KEY(`program_id`, `visitor_id`, `customer_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `identities_customer` ON `identities` (`program_id`,`customer_id`);--> statement-breakpoint
CREATE TABLE `keys` (
	`hash` text PRIMARY KEY NOT NULL,
	`program_id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer,
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `ledger_entries` (
	`program_id` text NOT NULL,
	`currency` text NOT NULL,
	`account` text NOT NULL,
	`transaction_id` text NOT NULL,
	`amount` integer NOT NULL,
	PRIMARY KEY(`program_id`, `account`, `currency`, `transaction_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`currency`,`transaction_id`) REFERENCES `ledger_transactions`(`program_id`,`currency`,`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ledger_entries_amount" CHECK("ledger_entries"."amount" <> 0 AND abs("ledger_entries"."amount") <= 9007199254740991)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `ledger_transactions` (
	`program_id` text NOT NULL,
	`currency` text NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`conversion_id` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`program_id`, `currency`, `id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `links` (
	`id` text PRIMARY KEY NOT NULL,
	`program_id` text NOT NULL,
	`partner_id` text NOT NULL,
	`code` text NOT NULL,
	`url` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`partner_id`) REFERENCES `enrollments`(`program_id`,`partner_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "links_code" CHECK("links"."code" = lower("links"."code"))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `links_code_unique` ON `links` (`code`);--> statement-breakpoint
CREATE INDEX `links_partner` ON `links` (`program_id`,`partner_id`);--> statement-breakpoint
CREATE TABLE `memberships` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`program_id` text NOT NULL,
	`partner_id` text,
	FOREIGN KEY (`person_id`) REFERENCES `people`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`partner_id`) REFERENCES `enrollments`(`program_id`,`partner_id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `memberships_person` ON `memberships` (`person_id`);--> statement-breakpoint
CREATE TABLE `partners` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `people` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `people_email_unique` ON `people` (`email`);--> statement-breakpoint
CREATE TABLE `policies` (
	`program_id` text NOT NULL,
	`version` integer NOT NULL,
	`starts_at` integer NOT NULL,
	`saved_at` integer NOT NULL,
	`model` text NOT NULL,
	`window_days` integer NOT NULL,
	`hold_days` integer NOT NULL,
	`origins` text NOT NULL,
	`deep_link_hosts` text NOT NULL,
	`weights` text DEFAULT '[40,20,40]' NOT NULL,
	`guard_seconds` integer DEFAULT 0 NOT NULL,
	`reject_solo` integer DEFAULT false NOT NULL,
	`channel_policy` text DEFAULT 'ignore' NOT NULL,
	PRIMARY KEY(`program_id`, `version`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "policies_days" CHECK("policies"."window_days" > 0 AND "policies"."hold_days" >= 0)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `programs` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`mode` text NOT NULL,
	`currency` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `programs_slug_unique` ON `programs` (`slug`);--> statement-breakpoint
CREATE TABLE `terms` (
	`program_id` text NOT NULL,
	`version` integer NOT NULL,
	`starts_at` integer NOT NULL,
	`saved_at` integer NOT NULL,
	`rate_ppm` integer NOT NULL,
	PRIMARY KEY(`program_id`, `version`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "terms_rate" CHECK("terms"."rate_ppm" BETWEEN 0 AND 1000000)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `touches` (
	`program_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`click_key` text NOT NULL,
	`partner_id` text NOT NULL,
	`link_id` text,
	`class` text NOT NULL,
	PRIMARY KEY(`program_id`, `visitor_id`, `click_key`)
) STRICT, WITHOUT ROWID;
