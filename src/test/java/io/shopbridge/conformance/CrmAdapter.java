package io.shopbridge.conformance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.server.Faults;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** A folder of {@code mappings/} on its simulator, in words that all CRMs share. What the CRM has not is null. */
interface CrmAdapter extends AutoCloseable {

    /** The name of the CRM in an instance of which it is the only one. */
    String ACCOUNT = "tested";

    /** The CRMs whose folders are shipped. */
    Map<String, Function<Options, CrmAdapter>> SHIPPED = new TreeMap<>(Map.of("hubspot", HubSpotAdapter::new,
            "salesforce", SalesforceAdapter::new, "pipedrive", PipedriveAdapter::new, "crm-one", CrmOneAdapter::new));

    /** An instance whose store main feeds this CRM alone, with more settings of the CRM. */
    default RunningShopbridge feed(Path mappings, String... more) {
        List<String> settings = new ArrayList<>(List.of("--shopbridge.mappings-dir=" + mappings,
                "--shopbridge.schedules.reconcile-steps=* * * * * ?",
                "--shopbridge.stores.main.crms=" + ACCOUNT, "--shopbridge.crms." + ACCOUNT + ".folder=" + folder()));
        settings().forEach((name, value) -> settings.add("--shopbridge.crms." + ACCOUNT + "." + name + "=" + value));
        List.of(more).forEach(setting -> settings.add("--shopbridge.crms." + ACCOUNT + "." + setting));
        return RunningShopbridge.only(settings.toArray(String[]::new));
    }

    /**
     * A person.
     *
     * @param id  the CRM's own
     * @param key ours, such as {@code main:7001}
     */
    record Contact(String id, String key, String email, String phone, String firstName, String lastName,
            String note) {

        static Contact of(String key, String email, String phone, String firstName, String lastName) {
            return new Contact(null, key, email, phone, firstName, lastName, null);
        }
    }

    /**
     * @param contact the CRM's id of the contact it belongs to
     * @param lines   how many line items it has
     */
    record Order(String id, String key, String contact, int lines) {
    }

    /** Its folder of {@code mappings/}. */
    String folder();

    /** What stands under {@code shopbridge.crms.<crm>} beside the folder. */
    Map<String, String> settings();

    SimulatedCrm simulator();

    default Faults faults() {
        return simulator().faults();
    }

    /** Calls answered so far, by method and path template. */
    default Map<String, Long> calls() {
        return simulator().calls();
    }

    /** Whether calls of this template change records. */
    boolean isWrite(String call);

    /** A part of the path that is in every call which creates contacts, and in as few others as possible. */
    String creates();

    default void clear() {
        simulator().clear();
    }

    /** The records of this object of the CRM, each field under the name that mappings have for it. */
    List<ObjectNode> records(String object);

    List<Contact> contacts();

    List<Order> orders();

    /** The CRM's id of the company that this order is for; null where there is none. */
    default String companyOf(Order order) {
        throw new UnsupportedOperationException(folder() + " has no companies");
    }

    /** The CRM's id of the company that this contact belongs to; null where there is none. */
    default String companyOf(Contact contact) {
        throw new UnsupportedOperationException(folder() + " has no companies");
    }

    /** The contact is this company's from now on, as a user of the CRM would say it. */
    default void moveTo(String company, Contact contact) {
        throw new UnsupportedOperationException(folder() + " has no companies");
    }

    /** The CRM's id of the company above the one with this id; null where there is none. */
    default String parentOf(String company) {
        throw new UnsupportedOperationException(folder() + " has no hierarchy of companies");
    }

    /** The company is under this other one from now on, as a user of the CRM would say it. */
    default void putUnder(String parent, String company) {
        throw new UnsupportedOperationException(folder() + " has no hierarchy of companies");
    }

    /** Adds a contact as a user of the CRM would, and returns its id. */
    String add(Contact contact);

    /** Changes what is not null, as a user of the CRM would. */
    void edit(String id, Contact changes);

    void delete(String id);

    /** Merges two contacts as the CRM's users do; by default they copy nothing and delete the other. */
    default void merge(String kept, String other) {
        delete(other);
    }

    /** Whether the CRM itself keeps two contacts from having one e-mail address. */
    default boolean keepsEmailsUnique() {
        return false;
    }

    /** Whether an order's contact can be taken away without another one in its place. */
    default boolean hasOrdersOfNobody() {
        return true;
    }

    /** The keys of a contact by which the mapping finds it: key, email, phone. */
    default Set<String> keys() {
        return Set.of("key", "email", "phone");
    }

    /**
     * What makes a customer impossible to deliver, as most values don't that are wrong: members of Shopify's customer,
     * with single quotes.
     */
    default String refused() {
        return "'default_address': 'no address but a text, in which no phone can be looked for'";
    }

    /** How far apart two changes must be for the CRM's own times to tell them apart. */
    default Duration moment() {
        return Duration.ofMillis(1);
    }

    /** How many records one call that creates contacts may carry. */
    int batch();

    /** The CRM accepts our token no longer, until {@link #acceptToken()}. */
    default void refuseToken() {
        faults().answer(401, null, 1000);
    }

    default void acceptToken() {
        faults().clear();
    }

    /** The token came to its natural end; false where tokens of this CRM have none. */
    default boolean expireToken() {
        return false;
    }

    /** What it was asked otherwise than its maker describes, a sentence each; empty where no description is at hand. */
    default Optional<List<String>> breaches() {
        return Optional.empty();
    }

    @Override
    default void close() {
        simulator().close();
    }
}
