package io.shopbridge.sandbox.salesforce;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How the simulated Salesforce org is set up.
 *
 * @param fields custom fields from the start, each as
 *     {@code Contact.Consent__c picklist subscribed,unsubscribed}; see {@link Field}
 * @param personAccounts whether accounts may be persons
 * @param multiCurrency whether records carry CurrencyIsoCode; the org's own currency is USD
 * @param pageSize records in one page of a query
 * @param sessionLasts how long a token is good
 * @param lockHold how much longer than its work a write holds the accounts it touches
 * @param lockPatience how long a write waits for an account that another request holds
 * @param certificate X.509 certificate (PEM) that signs JWT assertions; null refuses them all
 */
public record Org(List<String> fields, boolean personAccounts, boolean multiCurrency, int pageSize,
        Duration sessionLasts, Duration lockHold, Duration lockPatience, Path certificate) {

    /**
     * No custom fields, multi-currency, no person accounts, 2,000 records a page, sessions of two
     * hours, ten seconds for a lock.
     */
    public static Org defaults() {
        return new Org(List.of(), false, true, 2_000, Duration.ofHours(2), Duration.ZERO,
                Duration.ofSeconds(10), null);
    }

    public Org withFields(String... more) {
        return withFields(List.of(more));
    }

    public Org withFields(List<String> more) {
        List<String> all = new ArrayList<>(fields);
        all.addAll(more);
        return new Org(all, personAccounts, multiCurrency, pageSize, sessionLasts, lockHold, lockPatience,
                certificate);
    }

    public Org withPersonAccounts(boolean value) {
        return new Org(fields, value, multiCurrency, pageSize, sessionLasts, lockHold, lockPatience,
                certificate);
    }

    public Org withMultiCurrency(boolean value) {
        return new Org(fields, personAccounts, value, pageSize, sessionLasts, lockHold, lockPatience,
                certificate);
    }

    public Org withPageSize(int value) {
        return new Org(fields, personAccounts, multiCurrency, value, sessionLasts, lockHold, lockPatience,
                certificate);
    }

    public Org withSessionLasting(Duration value) {
        return new Org(fields, personAccounts, multiCurrency, pageSize, value, lockHold, lockPatience,
                certificate);
    }

    public Org withLocks(Duration hold, Duration patience) {
        return new Org(fields, personAccounts, multiCurrency, pageSize, sessionLasts, hold, patience,
                certificate);
    }

    public Org withCertificate(Path value) {
        return new Org(fields, personAccounts, multiCurrency, pageSize, sessionLasts, lockHold, lockPatience,
                value);
    }
}
