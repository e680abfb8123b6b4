-- Nothing in the ledger is updated or deleted: a correction is an opposite posting. Policies and terms are versioned:
-- a change is a new row. drizzle-kit knows no triggers and drops them when it rebuilds a table: recreate them there.
CREATE TRIGGER `ledger_transactions_no_update` BEFORE UPDATE ON `ledger_transactions` BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `ledger_transactions_no_delete` BEFORE DELETE ON `ledger_transactions` BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `ledger_entries_no_update` BEFORE UPDATE ON `ledger_entries` BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `ledger_entries_no_delete` BEFORE DELETE ON `ledger_entries` BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `policies_no_update` BEFORE UPDATE ON `policies` BEGIN SELECT RAISE(ABORT, 'policies are versioned: insert a new one'); END;
--> statement-breakpoint
CREATE TRIGGER `policies_no_delete` BEFORE DELETE ON `policies` BEGIN SELECT RAISE(ABORT, 'policies are versioned: insert a new one'); END;
--> statement-breakpoint
CREATE TRIGGER `terms_no_update` BEFORE UPDATE ON `terms` BEGIN SELECT RAISE(ABORT, 'terms are versioned: insert a new one'); END;
--> statement-breakpoint
CREATE TRIGGER `terms_no_delete` BEFORE DELETE ON `terms` BEGIN SELECT RAISE(ABORT, 'terms are versioned: insert a new one'); END;
