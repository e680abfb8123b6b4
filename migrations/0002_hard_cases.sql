-- Codes, groups, dated settings per link and group, terms by rule, identities by key, daily totals, answers kept for a day.
-- `terms`, `identities` and `allocations` are rebuilt; their rows come along (`test/store/migrations.test.ts`).
CREATE TABLE `answers` (
	`program_id` text NOT NULL,
	`key_hash` text NOT NULL,
	`call_hash` text NOT NULL,
	`status` integer NOT NULL,
	`body` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`program_id`, `key_hash`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `answers_at` ON `answers` (`at`);--> statement-breakpoint
CREATE TABLE `audit` (
	`program_id` text NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`act` text NOT NULL,
	`subject` text NOT NULL,
	`before` text,
	`after` text,
	PRIMARY KEY(`program_id`, `id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `click_days` (
	`program_id` text NOT NULL,
	`partner_id` text NOT NULL,
	`day` integer NOT NULL,
	`link_id` text NOT NULL,
	`clicks` integer DEFAULT 0 NOT NULL,
	`counted` integer DEFAULT 0 NOT NULL,
	`opted_out` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`program_id`, `partner_id`, `day`, `link_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `click_rollups` (
	`program_id` text PRIMARY KEY NOT NULL,
	`through_day` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `codes` (
	`program_id` text NOT NULL,
	`code` text NOT NULL,
	`partner_id` text,
	`policy` text NOT NULL,
	`starts_at` integer,
	`ends_at` integer,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`program_id`, `code`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`partner_id`) REFERENCES `enrollments`(`program_id`,`partner_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "codes_policy" CHECK("codes"."policy" IN ('always', 'if_involved', 'if_winner', 'none')),
	CONSTRAINT "codes_owner" CHECK("codes"."policy" = 'none' OR "codes"."partner_id" IS NOT NULL)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `first_orders` (
	`program_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`conversion_id` text NOT NULL,
	PRIMARY KEY(`program_id`, `customer_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`conversion_id`) REFERENCES `conversions`(`program_id`,`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `groups` (
	`program_id` text NOT NULL,
	`id` text NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`program_id`, `id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `groups_program_id_slug_unique` ON `groups` (`program_id`,`slug`);--> statement-breakpoint
CREATE TABLE `handovers` (
	`program_id` text NOT NULL,
	`nonce` text NOT NULL,
	`used_at` integer NOT NULL,
	PRIMARY KEY(`program_id`, `nonce`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `identifications` (
	`program_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`at` integer NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`program_id`, `visitor_id`, `at`, `hash`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `placements` (
	`program_id` text NOT NULL,
	`partner_id` text NOT NULL,
	`version` integer NOT NULL,
	`starts_at` integer NOT NULL,
	`group_id` text,
	PRIMARY KEY(`program_id`, `partner_id`, `version`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`partner_id`) REFERENCES `enrollments`(`program_id`,`partner_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`group_id`) REFERENCES `groups`(`program_id`,`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `policy_overrides` (
	`program_id` text NOT NULL,
	`scope_id` text NOT NULL,
	`version` integer NOT NULL,
	`starts_at` integer NOT NULL,
	`saved_at` integer NOT NULL,
	`model` text,
	`window_days` integer,
	`guard_seconds` integer,
	`reject_solo` integer,
	PRIMARY KEY(`program_id`, `scope_id`, `version`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "policy_overrides_days" CHECK("policy_overrides"."window_days" > 0)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sightings` (
	`program_id` text NOT NULL,
	`kind` text NOT NULL,
	`last_at` integer NOT NULL,
	`detail` text,
	PRIMARY KEY(`program_id`, `kind`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `__new_terms` (
	`program_id` text NOT NULL,
	`version` integer NOT NULL,
	`starts_at` integer NOT NULL,
	`saved_at` integer NOT NULL,
	`group_id` text,
	`rules` text NOT NULL,
	PRIMARY KEY(`program_id`, `version`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`group_id`) REFERENCES `groups`(`program_id`,`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_terms`("program_id", "version", "starts_at", "saved_at", "group_id", "rules") SELECT "program_id", "version", "starts_at", "saved_at", NULL, json_array(json_object('ratePpm', "rate_ppm")) FROM `terms`;--> statement-breakpoint
DROP TABLE `terms`;--> statement-breakpoint
ALTER TABLE `__new_terms` RENAME TO `terms`;--> statement-breakpoint
CREATE TRIGGER `terms_no_update` BEFORE UPDATE ON `terms` BEGIN SELECT RAISE(ABORT, 'terms are versioned: insert a new one'); END;--> statement-breakpoint
CREATE TRIGGER `terms_no_delete` BEFORE DELETE ON `terms` BEGIN SELECT RAISE(ABORT, 'terms are versioned: insert a new one'); END;--> statement-breakpoint
CREATE TABLE `__new_identities` (
	`program_id` text NOT NULL,
	`hash` text NOT NULL,
	`visitor_id` text NOT NULL,
	`last_at` integer NOT NULL,
	`proven` integer NOT NULL,
	PRIMARY KEY(`program_id`, `hash`, `visitor_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_identities`("program_id", "hash", "visitor_id", "last_at", "proven") SELECT `identities`.`program_id`, `customer_keys`.`hash`, `visitor_id`, `first_at`, `proven` FROM `identities` JOIN `customer_keys` ON `customer_keys`.`program_id` = `identities`.`program_id` AND `customer_keys`.`customer_id` = `identities`.`customer_id`;--> statement-breakpoint
INSERT INTO `identifications`("program_id", "visitor_id", "at", "hash") SELECT "program_id", "visitor_id", "last_at", "hash" FROM `__new_identities`;--> statement-breakpoint
DROP TABLE `identities`;--> statement-breakpoint
ALTER TABLE `__new_identities` RENAME TO `identities`;--> statement-breakpoint
CREATE TABLE `__new_allocations` (
	`program_id` text NOT NULL,
	`conversion_id` text NOT NULL,
	`line` integer NOT NULL,
	`partner_id` text NOT NULL,
	`share_micros` integer NOT NULL,
	`base` integer NOT NULL,
	`terms_version` integer NOT NULL,
	`rule` integer,
	`rate_ppm` integer,
	`fixed` integer,
	`commission` integer NOT NULL,
	PRIMARY KEY(`program_id`, `conversion_id`, `line`, `partner_id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`conversion_id`) REFERENCES `conversions`(`program_id`,`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`partner_id`) REFERENCES `enrollments`(`program_id`,`partner_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "allocations_share" CHECK("share_micros" BETWEEN 0 AND 1000000)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_allocations`("program_id", "conversion_id", "line", "partner_id", "share_micros", "base", "terms_version", "rule", "rate_ppm", "fixed", "commission") SELECT `allocations`.`program_id`, `conversion_id`, `line`, `partner_id`, `share_micros`, `allocations`.`base`, `conversions`.`terms_version`, 0, `rate_ppm`, NULL, `commission` FROM `allocations` JOIN `conversions` ON `conversions`.`program_id` = `allocations`.`program_id` AND `conversions`.`id` = `allocations`.`conversion_id`;--> statement-breakpoint
DROP TABLE `allocations`;--> statement-breakpoint
ALTER TABLE `__new_allocations` RENAME TO `allocations`;--> statement-breakpoint
ALTER TABLE `commissions` ADD `reason` text;--> statement-breakpoint
ALTER TABLE `conversions` ADD `customer_type` text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE `conversions` ADD `renewal_of` text;--> statement-breakpoint
CREATE INDEX `customer_keys_customer` ON `customer_keys` (`program_id`,`customer_id`);--> statement-breakpoint
CREATE INDEX `conversions_open_visitor` ON `conversions` (`program_id`,`visitor_id`) WHERE reason IN ('no_touch', 'outside_window');--> statement-breakpoint
CREATE INDEX `conversions_open_customer` ON `conversions` (`program_id`,`customer_id`) WHERE reason IN ('no_touch', 'outside_window') OR verified = 0;--> statement-breakpoint
ALTER TABLE `policies` ADD `self_referral` text DEFAULT 'flag' NOT NULL;--> statement-breakpoint
ALTER TABLE `policies` ADD `param_aliases` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `programs` ADD `clock_offset_ms` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- The customers who have bought already; min() also picks the row it is found in.
INSERT INTO `first_orders`("program_id", "customer_id", "conversion_id") SELECT "program_id", "customer_id", "id" FROM (SELECT "program_id", "customer_id", "id", min("occurred_at") FROM `conversions` WHERE "customer_id" IS NOT NULL AND "event" <> 'lead' GROUP BY "program_id", "customer_id");--> statement-breakpoint
CREATE TRIGGER `audit_no_update` BEFORE UPDATE ON `audit` BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;--> statement-breakpoint
CREATE TRIGGER `audit_no_delete` BEFORE DELETE ON `audit` BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;--> statement-breakpoint
CREATE TRIGGER `policy_overrides_no_update` BEFORE UPDATE ON `policy_overrides` BEGIN SELECT RAISE(ABORT, 'policies are versioned: insert a new one'); END;--> statement-breakpoint
CREATE TRIGGER `policy_overrides_no_delete` BEFORE DELETE ON `policy_overrides` BEGIN SELECT RAISE(ABORT, 'policies are versioned: insert a new one'); END;
