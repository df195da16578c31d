package io.shopbridge.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How the simulated Salesforce org is set up.
 *
 * @param fields custom fields beside {@code Shopbridge_Key__c}, each as
 *     {@code Contact.Consent__c picklist subscribed,unsubscribed}; see {@link SalesforceField}
 * @param personAccounts whether accounts may be persons
 * @param multiCurrency whether records carry CurrencyIsoCode; the org's own currency is USD
 * @param pageSize records in one page of a query
 * @param sessionLasts how long a token is good
 * @param lockHold how much longer than its work a write holds the accounts it touches
 * @param lockPatience how long a write waits for an account that another request holds
 * @param certificate X.509 certificate (PEM) that signs JWT assertions; null refuses them all
 */
public record SalesforceOrg(List<String> fields, boolean personAccounts, boolean multiCurrency, int pageSize,
        Duration sessionLasts, Duration lockHold, Duration lockPatience, Path certificate) {

    /**
     * The fields of the shipped mappings, multi-currency, no person accounts, 2,000 records a page, sessions of two
     * hours, ten seconds for a lock.
     */
    public static SalesforceOrg defaults() {
        return new SalesforceOrg(ShopbridgeFields.definitions(), false, true, 2_000, Duration.ofHours(2), Duration.ZERO,
                Duration.ofSeconds(10), null);
    }

    public SalesforceOrg withFields(String... more) {
        return withFields(List.of(more));
    }

    public SalesforceOrg withFields(List<String> more) {
        List<String> all = new ArrayList<>(fields);
        all.addAll(more);
        return new SalesforceOrg(all, personAccounts, multiCurrency, pageSize, sessionLasts, lockHold, lockPatience,
                certificate);
    }

    public SalesforceOrg withPersonAccounts(boolean value) {
        return new SalesforceOrg(fields, value, multiCurrency, pageSize, sessionLasts, lockHold, lockPatience,
                certificate);
    }

    public SalesforceOrg withMultiCurrency(boolean value) {
        return new SalesforceOrg(fields, personAccounts, value, pageSize, sessionLasts, lockHold, lockPatience,
                certificate);
    }

    public SalesforceOrg withPageSize(int value) {
        return new SalesforceOrg(fields, personAccounts, multiCurrency, value, sessionLasts, lockHold, lockPatience,
                certificate);
    }

    public SalesforceOrg withSessionLasting(Duration value) {
        return new SalesforceOrg(fields, personAccounts, multiCurrency, pageSize, value, lockHold, lockPatience,
                certificate);
    }

    public SalesforceOrg withLocks(Duration hold, Duration patience) {
        return new SalesforceOrg(fields, personAccounts, multiCurrency, pageSize, sessionLasts, hold, patience,
                certificate);
    }

    public SalesforceOrg withCertificate(Path value) {
        return new SalesforceOrg(fields, personAccounts, multiCurrency, pageSize, sessionLasts, lockHold, lockPatience,
                value);
    }
}
