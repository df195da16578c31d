package io.shopbridge.crm;

import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.Mappings;
import io.shopbridge.map.RecordLink;
import io.shopbridge.store.RecordKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.convert.DurationStyle;

/** One CRM account: its folder of {@code mappings/} and its settings. */
public final class Crm {

    /** Orders are not delivered; what they add up to is in the customer's mapping. */
    private static final String FIGURES = "figures";
    /** How people in several stores are identified. */
    private static final String SHARED = "shared";
    private static final String PER_STORE = "per-store";

    /** Settings of every CRM. */
    private static final List<String> COMMON = List.of("anonymous-contact", "base-url", "folder", "identity", "orders",
            "reconcile", "reconcile-calls", "reconcile-duplicates", "reconcile-repairs", "reconcile-share",
            "reconcile-target", "time-zone", "timeout");

    /** The switch of the operation activate. */
    public static final String ACTIVATE_ORDERS = "activate-orders";

    private final String name;
    private final String folder;
    private final CrmDefinition definition;
    private final CrmSettings settings;
    private final List<Mapping> mappings;
    private final List<Mapping> unused;
    private final String apiVersion;
    private final OptionalInt bulkAbove;
    private final boolean perStore;

    Crm(String name, String folder, CrmDefinition definition, Map<String, String> settings, List<Mapping> mappings) {
        this.name = name;
        this.folder = folder;
        this.definition = definition;
        this.settings = new CrmSettings(name, settings);
        this.settings.refuseOthers(known(mappings));
        this.mappings = chosen(mappings);
        this.unused = mappings.stream().filter(mapping -> !this.mappings.contains(mapping)).toList();
        this.apiVersion = apiVersion(definition.apiVersions());
        this.bulkAbove = readBulkAbove();
        this.perStore = readPerStore();
        isOn(ACTIVATE_ORDERS);      // said now, and not by the first order
        timeout(Duration.ZERO);     // and not by the first call
    }

    /** All settings that something reads. */
    private Set<String> known(List<Mapping> all) {
        Set<String> known = new TreeSet<>(COMMON);
        known.addAll(definition.settings());
        known.addAll(definition.mappingSettings());
        all.forEach(mapping -> mapping.switchedOnBy().ifPresent(known::add));
        if (auth() != null) {
            known.addAll(auth().settings());
        }
        if (!definition.apiVersions().isEmpty()) {
            known.add("api-version");
        }
        if (hasBulk()) {
            known.add("bulk-above");
        }
        if (!isRest()) {
            known.add("route-template");
        }
        if (can(Operation.WRITE_CONSENT)) {
            known.addAll(List.of("subscription-id", "legal-basis", "legal-basis-explanation"));
        }
        if (operations().canAnywhere(Operation.ACTIVATE)) {
            known.add(ACTIVATE_ORDERS);
        }
        return known;
    }

    /**
     * A CRM of which only its folder is known: good for showing what would be sent, not for sending it.
     *
     * @throws InvalidCrm with everything that is wrong in its crm.yaml
     */
    public static Crm ofFolder(Path mappingsDir, String folder, Mappings mappings) {
        return new Crm(folder, folder, CrmDefinition.read(mappingsDir, folder), Map.of(), mappings.of(folder));
    }

    /** The operator's name for it, under {@code shopbridge.crms}. */
    public String name() {
        return name;
    }

    /** Its folder of {@code mappings/}. */
    public String folder() {
        return folder;
    }

    private String file() {
        return folder + "/crm.yaml";
    }

    /** What people call it. */
    public String title() {
        return definition.name();
    }

    public List<Mapping> mappings() {
        return mappings;
    }

    public Optional<Mapping> mapping(String entity) {
        return mappings.stream().filter(mapping -> mapping.entity().equals(entity)).findFirst();
    }

    /**
     * What keeps the folder's mapping of this entity from being used, as in {@code shopbridge.crms.hubspot.draft-orders is
     * not true}; empty: it has none, or uses one.
     */
    public Optional<String> notUsedBecause(String entity) {
        return mapping(entity).isPresent() ? Optional.empty() : unused.stream()
                .filter(mapping -> mapping.entity().equals(entity)).findFirst()
                .map(mapping -> "shopbridge.crms." + name + "." + mapping.switchedOnBy().map(key -> key + " is not true")
                        .orElseGet(() -> "orders is " + setting("orders").orElse(definition.orders())));
    }

    /**
     * One form of orders: objects, deals, activities, tasks, custom objects, or only figures of the customer; without
     * what nobody switched on.
     */
    private List<Mapping> chosen(List<Mapping> all) {
        String fallback = definition.orders() == null ? Mapping.ORDERS.get(0) : definition.orders();
        String orders = setting("orders").orElse(fallback);
        List<Mapping> chosen = all.stream()
                .filter(mapping -> mapping.orders() == null || mapping.orders().equals(orders))
                .filter(mapping -> mapping.switchedOnBy().map(this::isOn).orElse(true)).toList();
        boolean there = chosen.stream().anyMatch(mapping -> mapping.orders() != null);
        boolean wanted = setting("orders").isPresent() || definition.orders() != null;
        if (wanted && !there && !orders.equals(FIGURES)) {
            throw new InvalidCrm("orders: " + orders + " of CRM " + name + ": no mapping in " + folder
                    + "/ says `orders: " + orders + "`; there are "
                    + all.stream().map(Mapping::orders).filter(Objects::nonNull).toList() + " and " + FIGURES);
        }
        return chosen;
    }

    /** What it can do, and how. */
    public CrmOperations operations() {
        return definition.operations();
    }

    public boolean can(Operation operation) {
        return operations().can(operation);
    }

    /** Whether it can do this with records of this object. */
    public boolean can(Operation operation, String object) {
        return operations().can(operation, object);
    }

    /**
     * The request that a call becomes.
     *
     * @throws ExpressionFailed where crm.yaml's body expression doesn't give exactly one body
     */
    public CrmRequest request(CrmCall call) {
        Endpoint endpoint = operations().of(call);
        return endpoint.request(call, path(endpoint.path()));
    }

    /** Of the versions under {@code api-versions}, the one that is used; null where there are none. */
    public String apiVersion() {
        return apiVersion;
    }

    /** The path with {@code ${name}} replaced by where the API of this version begins. */
    public String path(String path) {
        String filled = path;
        for (Map.Entry<String, String> part : definition.apiVersions().getOrDefault(apiVersion, Map.of()).entrySet()) {
            filled = filled.replace("${" + part.getKey() + "}", part.getValue());
        }
        return filled;
    }

    /** The day on which the support of the version ends that is used; empty where crm.yaml doesn't say. */
    public Optional<LocalDate> supportedUntil() {
        return Optional.ofNullable(definition.supportedUntil().get(apiVersion));
    }

    private String apiVersion(Map<String, Map<String, String>> versions) {
        String chosen = setting("api-version").orElse(versions.keySet().stream().findFirst().orElse(null));
        if (!versions.isEmpty() && !versions.containsKey(chosen)) {
            throw settings.fault("api-version", "\"" + chosen + "\" is not in " + file() + "; there are "
                    + versions.keySet());
        }
        return chosen;
    }

    /** What mappings call a field that people read as {@code Shopify customer key}: shopify_customer_key. */
    public static String fieldName(String label) {
        return label.toLowerCase(Locale.ROOT).strip().replaceAll("[^\\p{L}0-9]+", "_");
    }

    /** Whether calls are made from crm.yaml alone. */
    public boolean isRest() {
        return "rest".equals(definition.transport());
    }

    /** The route template of {@code 4-connect} that its calls are made by; {@code <crm>.route-template} overrides it. */
    public String routeTemplate() {
        return isRest() ? "rest-crm" : setting("route-template").orElse(folder + "-crm");
    }

    /** Up to how many records of this object are listed rather than looked for one by one; empty: none are. */
    public OptionalInt listed(String object) {
        Integer most = definition.listed().get(object);
        return most == null ? OptionalInt.empty() : OptionalInt.of(most);
    }

    /** What fields of this type of the CRM's can hold; everything where crm.yaml says nothing of types. */
    public Set<FieldKind> kinds(String type) {
        Map<FieldKind, List<String>> types = definition.types();
        return types.isEmpty() ? Set.of(FieldKind.values()) : types.keySet().stream()
                .filter(kind -> types.get(kind).contains(type)).collect(Collectors.toSet());
    }

    /** The CRM's type of a field that is created for this; empty where none is. */
    public Optional<String> type(FieldKind kind) {
        return definition.types().getOrDefault(kind, List.of()).stream().findFirst();
    }

    /** Whether only the CRM itself gives fields such a name. */
    public boolean isReserved(String field) {
        return definition.reserved().stream().anyMatch(field::startsWith);
    }

    /** Whether every account has keys of its own for the same fields. */
    public boolean hasOwnKeys() {
        return definition.ownKeys();
    }

    /** What to do where the CRM doesn't accept our credentials. */
    public Optional<String> accessAdvice() {
        return advice(CrmDefinition.Advice::access);
    }

    /** What to do where the credentials are not allowed something. */
    public Optional<String> rightsAdvice() {
        return advice(CrmDefinition.Advice::rights);
    }

    /** How a person merges two contacts of the CRM. */
    public Optional<String> duplicatesAdvice() {
        return advice(CrmDefinition.Advice::duplicates);
    }

    private Optional<String> advice(Function<CrmDefinition.Advice, String> which) {
        return Optional.ofNullable(definition.advice()).map(which).map(text -> text.replace("<crm>", name));
    }

    /** Whether a field is one value of several in the CRM, of which the others must stay. */
    public boolean isOneOfSeveral(String object, String field) {
        return definition.lists().getOrDefault(object, List.of()).contains(field);
    }

    /**
     * Whether the CRM itself keeps a second record with the same key from being made. Where it doesn't, a record is
     * looked for before it is created, and again where nobody knows whether a create succeeded.
     */
    public boolean keepsKeysUnique() {
        return can(Operation.UPSERT);
    }

    /** Whether the CRM itself keeps this field unique, so that a read by it is exact and never behind. */
    public boolean unique(String object, String field) {
        return definition.unique().getOrDefault(object, List.of()).contains(field);
    }

    /** Whether the CRM itself knows a write that is repeated, and makes nothing twice of it. */
    public boolean knowsRepeats() {
        return definition.idempotencyHeader() != null;
    }

    /** The header by which the CRM knows a write that is repeated. */
    Optional<String> idempotencyHeader() {
        return Optional.ofNullable(definition.idempotencyHeader());
    }

    public CrmLimits limits() {
        return definition.limits();
    }

    /** How many due records of the mapping's kind are taken on at once: at least what one call carries. */
    public int claim(String object) {
        int call = operations().together(object);
        return limits().claim() == null ? call : Math.max(call, limits().claim());
    }

    /** The limit of the calls that look for a record of this object; empty where they count as any other. */
    public Optional<CrmLimits.Group> searches(String object) {
        return Stream.of(Operation.SEARCH, Operation.MATCH).filter(operation -> can(operation, object))
                .flatMap(operation -> operations().limit(operation, object).stream()).findFirst()
                .map(limits().groups()::get);
    }

    /** How long a call may take, where the settings or crm.yaml say so. */
    public Duration timeout() {
        return timeout(limits().timeout());
    }

    /**
     * How long a call may take.
     *
     * @param otherwise where no setting says so
     * @throws InvalidCrm where the setting is no time with its unit: of a number alone, Spring makes milliseconds
     */
    public Duration timeout(Duration otherwise) {
        return setting("timeout").map(value -> {
            Duration given = Duration.ZERO;
            try {
                given = DurationStyle.detectAndParse(value.strip());
            } catch (IllegalArgumentException e) {
                // said below
            }
            if (given.compareTo(Duration.ZERO) <= 0 || value.strip().matches("\\+?[0-9]+")) {
                throw settings.fault("timeout", "\"" + value + "\" is no time with its unit; write one, as in 30s");
            }
            return given;
        }).orElse(otherwise);
    }

    /** With more due records of one kind than this, they are written in bulk; empty where they never are. */
    public OptionalInt bulkAbove() {
        return bulkAbove;
    }

    /** Whether it can write in bulk, also where that is switched off by now. */
    public boolean hasBulk() {
        return definition.bulk() != null;
    }

    /** How many records are taken on at once where they are written in bulk. */
    public int bulkBatch() {
        return definition.bulk().batch();
    }

    private OptionalInt readBulkAbove() {
        if (!hasBulk()) {
            return OptionalInt.empty();
        }
        String above = setting("bulk-above").orElse(definition.bulk().above().toString());
        if (!above.matches("[0-9]{1,9}|off|false")) {
            throw settings.fault("bulk-above", "\"" + above + "\" is not a number of records; write one, as in 2000, or"
                    + " off");
        }
        // YAML readers make false of an off without quotes.
        int records = above.matches("[0-9]+") ? Integer.parseInt(above) : 0;
        return records == 0 ? OptionalInt.empty() : OptionalInt.of(records);
    }

    /**
     * Where its API begins, without a slash at the end.
     *
     * @throws InvalidCrm if it is missing, or secrets may not be sent there
     */
    public String baseUrl() {
        String url = settings.secure("base-url", givenBaseUrl().orElseThrow(() -> settings.fault("base-url",
                "missing, and " + file() + " has no base-url either; set the address at which the CRM's API begins")));
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private Optional<String> givenBaseUrl() {
        return setting("base-url").or(() -> Optional.ofNullable(definition.baseUrl()));
    }

    /**
     * Where secrets are sent to, by the names of the settings that say so.
     *
     * @throws InvalidCrm if one is missing, or would send them unencrypted to another machine
     */
    public Map<String, String> addresses() {
        Map<String, String> addresses = new LinkedHashMap<>();
        if (isRest() || givenBaseUrl().isPresent()) {
            addresses.put("base-url", baseUrl());
        }
        if (auth() != null && auth().oauth2() != null) {
            addresses.put("token-url", tokenUrl());
        }
        return addresses;
    }

    /**
     * Where OAuth 2.0 tokens are fetched.
     *
     * @throws InvalidCrm if a setting is missing, or the client secret may not be sent there
     */
    String tokenUrl() {
        String given = fill(auth().oauth2().tokenUrl());
        return settings.secure("token-url", given.startsWith("/") ? baseUrl() + given : given);
    }

    /** A setting of {@code shopbridge.crms.<crm>}, by its name with dashes. */
    public Optional<String> setting(String key) {
        Optional<String> given = settings.get(key);
        return definition.caseSafeIds().contains(key) ? given.map(CaseSafeId::of) : given;
    }

    /** The CRM's id of what stands in for a related record where there is none: for a customer, the anonymous contact. */
    public Optional<String> standIn(RecordLink relation) {
        return relation.to().equals(RecordKey.CUSTOMER) ? setting("anonymous-contact") : Optional.empty();
    }

    /** The settings that mappings see, by their names with dashes; those that are not set are left out. */
    public Map<String, String> mappingSettings() {
        Map<String, String> seen = new HashMap<>();
        definition.mappingSettings().forEach(key -> setting(key).ifPresent(value -> seen.put(key, value)));
        return seen;
    }

    /** The names of the settings that mappings see, set or not. */
    public List<String> mappingSettingNames() {
        return definition.mappingSettings();
    }

    /** Whether a person in two stores is two records here, one for each store, and not one. */
    public boolean isPerStore() {
        return perStore;
    }

    /** @throws InvalidCrm if it is neither of the two */
    private boolean readPerStore() {
        String identity = setting("identity").orElse(SHARED);
        if (!List.of(SHARED, PER_STORE).contains(identity)) {
            throw settings.fault("identity", "\"" + identity + "\" is not a way to identify people; write " + SHARED
                    + " (one person in two stores is one record) or " + PER_STORE + " (one for each store)");
        }
        return identity.equals(PER_STORE);
    }

    /**
     * Whether a setting of {@code shopbridge.crms.<crm>} says true; absent: it doesn't.
     *
     * @throws InvalidCrm if it is neither true nor false, as yes, which would count as false
     */
    public boolean isOn(String key) {
        return setting(key).map(String::strip).map(value -> {
            if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
                throw settings.fault(key, "\"" + value + "\" is neither true nor false; write one of the two");
            }
            return Boolean.parseBoolean(value);
        }).orElse(false);
    }

    /** The text with {@code ${setting}} replaced. */
    String fill(String text) {
        return settings.fill(text, file());
    }

    CrmDefinition.Auth auth() {
        return definition.auth();
    }

    List<CrmDefinition.Answer> answers() {
        return definition.answers();
    }
}
