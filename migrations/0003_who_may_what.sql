-- Who may what: roles on places, sessions, what signs people in, keys with scopes, the audit log's chain.
-- `keys` and `memberships` are rebuilt; their rows come along (`test/store/migrations.test.ts`).
CREATE TABLE `attempts` (
	`hash` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`browser_hash` text NOT NULL,
	`person_id` text,
	`code_hash` text,
	`sealed` text,
	`next` text,
	`ends_at` integer NOT NULL,
	`used_at` integer
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `attempts_browser` ON `attempts` (`browser_hash`);--> statement-breakpoint
CREATE INDEX `attempts_ends` ON `attempts` (`ends_at`);--> statement-breakpoint
CREATE TABLE `audit_open` (
	`program_id` text NOT NULL,
	`id` text NOT NULL,
	PRIMARY KEY(`program_id`, `id`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `audit_seals` (
	`program_id` text NOT NULL,
	`number` integer NOT NULL,
	`audit_id` text NOT NULL,
	`hash` text NOT NULL,
	`mac` text NOT NULL,
	`sealed_at` integer NOT NULL,
	PRIMARY KEY(`program_id`, `number`),
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `audit_seals_entry` ON `audit_seals` (`program_id`,`audit_id`);--> statement-breakpoint
CREATE TABLE `passkeys` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`public_key` text NOT NULL,
	`counter` integer NOT NULL,
	`transports` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	FOREIGN KEY (`person_id`) REFERENCES `people`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `passkeys_person` ON `passkeys` (`person_id`);--> statement-breakpoint
CREATE TABLE `person_keys` (
	`person_id` text PRIMARY KEY NOT NULL,
	`sealed` text NOT NULL,
	FOREIGN KEY (`person_id`) REFERENCES `people`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `recovery_codes` (
	`person_id` text NOT NULL,
	`hash` text NOT NULL,
	`used_at` integer,
	PRIMARY KEY(`person_id`, `hash`),
	FOREIGN KEY (`person_id`) REFERENCES `people`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`previous_hash` text,
	`rotated_at` integer,
	`rotates` integer NOT NULL,
	`person_id` text NOT NULL,
	`membership_id` text,
	`method` text NOT NULL,
	`created_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	`ends_at` integer NOT NULL,
	`second_at` integer,
	`agent` text NOT NULL,
	`country` text,
	FOREIGN KEY (`person_id`) REFERENCES `people`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_hash_unique` ON `sessions` (`hash`);--> statement-breakpoint
CREATE INDEX `sessions_person` ON `sessions` (`person_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_previous` ON `sessions` (`previous_hash`) WHERE previous_hash IS NOT NULL;--> statement-breakpoint
CREATE INDEX `sessions_seen` ON `sessions` (`seen_at`);--> statement-breakpoint
CREATE TABLE `single_sign_ons` (
	`issuer` text NOT NULL,
	`subject` text NOT NULL,
	`person_id` text NOT NULL,
	`linked_at` integer NOT NULL,
	PRIMARY KEY(`issuer`, `subject`),
	FOREIGN KEY (`person_id`) REFERENCES `people`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `single_sign_ons_person` ON `single_sign_ons` (`person_id`);--> statement-breakpoint
CREATE TABLE `totps` (
	`person_id` text PRIMARY KEY NOT NULL,
	`sealed` text NOT NULL,
	`confirmed_at` integer,
	`last_step` integer NOT NULL,
	FOREIGN KEY (`person_id`) REFERENCES `people`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `tries` (
	`who` text PRIMARY KEY NOT NULL,
	`used` integer NOT NULL,
	`ends_at` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `tries_ends` ON `tries` (`ends_at`);--> statement-breakpoint
ALTER TABLE `audit` ADD `partner_id` text;--> statement-breakpoint
ALTER TABLE `audit` ADD `origin` text;--> statement-breakpoint
CREATE TABLE `__new_keys` (
	`hash` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`program_id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`hint` text NOT NULL,
	`scopes` text NOT NULL,
	`calls_a_minute` integer,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	`last_used_at` integer,
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_keys` (`hash`, `id`, `program_id`, `kind`, `name`, `hint`, `scopes`, `created_at`, `revoked_at`)
  SELECT `hash`, '0' || upper(substr(`hash`, 1, 25)), `program_id`, `kind`, `name`, '',
    CASE `kind` WHEN 'secret' THEN '["read","track","manage"]' ELSE '[]' END, `created_at`, `revoked_at` FROM `keys`;
--> statement-breakpoint
DROP TABLE `keys`;
--> statement-breakpoint
ALTER TABLE `__new_keys` RENAME TO `keys`;
--> statement-breakpoint
CREATE UNIQUE INDEX `keys_program_id_id_unique` ON `keys` (`program_id`,`id`);
--> statement-breakpoint
CREATE TABLE `__new_memberships` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`program_id` text NOT NULL,
	`partner_id` text,
	`role` text NOT NULL,
	`joined_at` integer,
	`vouched` integer NOT NULL,
	FOREIGN KEY (`person_id`) REFERENCES `people`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`) REFERENCES `programs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`program_id`,`partner_id`) REFERENCES `enrollments`(`program_id`,`partner_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "memberships_role" CHECK(CASE WHEN "partner_id" IS NULL THEN "role" IN ('owner', 'manager', 'finance', 'compliance', 'analyst')
        ELSE "role" IN ('owner', 'member') END)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
-- Until now nobody had a role, and nobody but the local demo's people could look: whoever has a place owns it.
INSERT INTO `__new_memberships` (`id`, `person_id`, `program_id`, `partner_id`, `role`, `joined_at`, `vouched`)
  SELECT min(m.`id`), m.`person_id`, m.`program_id`, m.`partner_id`, 'owner', p.`created_at`, 1
  FROM `memberships` AS m JOIN `programs` AS p ON p.`id` = m.`program_id`
  GROUP BY m.`program_id`, m.`partner_id`, m.`person_id`;
--> statement-breakpoint
DROP TABLE `memberships`;
--> statement-breakpoint
ALTER TABLE `__new_memberships` RENAME TO `memberships`;
--> statement-breakpoint
CREATE INDEX `memberships_person` ON `memberships` (`person_id`);
--> statement-breakpoint
CREATE UNIQUE INDEX `memberships_program` ON `memberships` (`program_id`,`person_id`) WHERE partner_id IS NULL;
--> statement-breakpoint
CREATE UNIQUE INDEX `memberships_partner` ON `memberships` (`program_id`,`partner_id`,`person_id`) WHERE partner_id IS NOT NULL;
--> statement-breakpoint
INSERT INTO `audit_open` (`program_id`, `id`) SELECT `program_id`, `id` FROM `audit`;
--> statement-breakpoint
CREATE TRIGGER `audit_opens` AFTER INSERT ON `audit` BEGIN INSERT INTO `audit_open` (`program_id`, `id`) VALUES (new.`program_id`, new.`id`); END;
--> statement-breakpoint
CREATE TRIGGER `audit_seals_no_update` BEFORE UPDATE ON `audit_seals` BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_seals_no_delete` BEFORE DELETE ON `audit_seals` BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
