package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.Mappings;
import io.shopbridge.store.SecureAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.convert.DurationStyle;

/** One CRM account: its folder of {@code mappings/} and its settings. */
public final class Crm {

    private static final Pattern SETTING = Pattern.compile("\\$\\{([a-z0-9-]+)}");

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** Orders are not delivered; what they add up to is in the customer's mapping. */
    private static final String FIGURES = "figures";

    /** Stands for the objects that have no operation of their own. */
    private static final String ALL = "";

    /** An operation of crm.yaml, its expressions compiled. */
    record CompiledOperation(String method, String path, int batch, Expression query, Expression body,
            Expression gives, Paging paging, String limit) {
    }

    /**
     * Calls that the CRM counts apart.
     *
     * @param requests     how many it allows in a period
     * @param periodMillis the period's length
     */
    public record Limit(int requests, long periodMillis) {
    }

    /** An answer of crm.yaml, its expressions compiled. */
    record CompiledAnswer(CrmDefinition.Answer answer, Expression when, Expression waitSeconds, Expression because,
            Expression existing, Expression fields) {
    }

    private final String name;
    private final String folder;
    private final CrmDefinition definition;
    private final Map<String, String> settings;
    private final List<Mapping> mappings;
    /** By object, those that it does otherwise than the others. */
    private final Map<String, Map<Operation, CompiledOperation>> operations = new HashMap<>();
    private final List<CompiledAnswer> answers;
    private final String apiVersion;
    private final OptionalInt bulkAbove;

    Crm(String name, String folder, CrmDefinition definition, Map<String, String> settings, List<Mapping> mappings) {
        this.name = name;
        this.folder = folder;
        this.definition = definition;
        this.settings = settings;
        this.mappings = chosen(mappings);
        this.apiVersion = apiVersion(definition.apiVersions());
        this.bulkAbove = readBulkAbove();
        if (definition.operations() != null) {
            operations.put(ALL, compile("", definition.operations()));
        }
        if (definition.objects() != null) {
            definition.objects().forEach((object, own) -> operations.put(object, compile(object + ".", own)));
        }
        this.answers = definition.answers() == null ? List.of() : definition.answers().stream()
                .map(answer -> new CompiledAnswer(answer, compile("answers", answer.when()),
                        compile("answers", answer.waitSeconds()), compile("answers", answer.because()),
                        compile("answers", answer.existing()), compile("answers", answer.fields()))).toList();
    }

    /** The operator's name for it, under {@code shopbridge.crms}. */
    public String name() {
        return name;
    }

    /** Its folder of {@code mappings/}. */
    public String folder() {
        return folder;
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
     * A CRM of which only its folder is known: good for showing what would be sent, not for sending it.
     *
     * @throws InvalidCrm with everything that is wrong in its crm.yaml
     */
    public static Crm ofFolder(Path mappingsDir, String folder, Mappings mappings) {
        return new Crm(folder, folder, CrmDefinition.read(mappingsDir, folder), Map.of(), mappings.of(folder));
    }

    /**
     * The request that a call becomes.
     *
     * @throws ExpressionFailed where crm.yaml's body expression doesn't give exactly one body
     */
    public CrmRequest request(CrmCall call) {
        CompiledOperation operation = operation(call.operation(), call.object());
        if (operation.paging() != null && !call.input().has("page")) {
            return request(call.at(operation.paging().first()));
        }
        JsonNode body = operation.body() == null ? null : operation.body().one(call.input());
        String path = operation.path();
        for (Map.Entry<String, String> value : call.path().entrySet()) {
            path = path.replace("{" + value.getKey() + "}", encoded(value.getValue()));
        }
        return new CrmRequest(operation.method(), path + query(operation, call), body);
    }

    private static String query(CompiledOperation operation, CrmCall call) {
        if (operation.query() == null) {
            return "";
        }
        String query = operation.query().one(call.input()).properties().stream()
                .filter(parameter -> !parameter.getValue().isNull())
                .map(parameter -> encoded(parameter.getKey()) + "=" + encoded(parameter.getValue().asText()))
                .collect(Collectors.joining("&"));
        return query.isEmpty() ? "" : "?" + query;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * What the operation's {@code gives} takes out of an answer's body.
     *
     * @throws ExpressionFailed where the body isn't in the shape that crm.yaml says
     */
    public List<JsonNode> gives(CrmCall call, JsonNode body) {
        Expression gives = operation(call.operation(), call.object()).gives();
        return gives == null ? List.of() : gives.all(body);
    }

    /**
     * What the call for the next page must name as {@code .page}; null where this answer was the last.
     *
     * @param elements how many elements this answer gave
     */
    public JsonNode next(CrmCall call, JsonNode body, int elements) {
        Paging paging = operation(call.operation(), call.object()).paging();
        return paging == null ? null
                : paging.after(call.input().has("page") ? call.input().get("page") : paging.first(), body, elements);
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
            throw new InvalidCrm("shopbridge.crms." + name + ".api-version: \"" + chosen + "\" is not in " + folder
                    + "/crm.yaml; there are " + versions.keySet());
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

    public boolean can(Operation operation) {
        return can(operation, ALL);
    }

    /** Whether it can do this with records of this object. */
    public boolean can(Operation operation, String object) {
        return find(operation, object) != null;
    }

    /**
     * How a record is written.
     *
     * @param isThere whether the CRM has it
     * @param key     ours; null where it has none
     */
    public Operation writes(boolean isThere, String key) {
        return isThere ? Operation.UPDATE : key != null && can(Operation.UPSERT) ? Operation.UPSERT : Operation.CREATE;
    }

    /** How many records one call of this operation may carry. */
    public int batch(Operation operation, String object) {
        return operation(operation, object).batch();
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

    private Optional<String> advice(Function<CrmDefinition.Advice, String> which) {
        return Optional.ofNullable(definition.advice()).map(which).map(text -> text.replace("<crm>", name));
    }

    /** Whether a field is one value of several in the CRM, of which the others must stay. */
    public boolean isOneOfSeveral(String object, String field) {
        return definition.lists() != null && definition.lists().getOrDefault(object, List.of()).contains(field);
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
        return definition.unique() != null && definition.unique().getOrDefault(object, List.of()).contains(field);
    }

    /** Calls that the CRM allows within {@link #periodMillis}. */
    public int requests() {
        return definition.limits().requests();
    }

    public long periodMillis() {
        return DurationStyle.detectAndParse(definition.limits().period()).toMillis();
    }

    /** The header that says how many calls the account is allowed in a period; empty where none does. */
    public Optional<String> allowedHeader() {
        return Optional.ofNullable(definition.limits().allowedHeader());
    }

    /** The headers that say how much of the day's budget is left. */
    public List<String> leftHeaders() {
        return definition.limits().leftHeader();
    }

    /** What the CRM counts apart, such as searches, by name. */
    public Map<String, Limit> limits() {
        Map<String, Limit> limits = new TreeMap<>();
        definition.limits().groups().forEach((name, group) -> limits.put(name, new Limit(group.requests(),
                DurationStyle.detectAndParse(group.period()).toMillis())));
        return limits;
    }

    /** The name of the limit by which the CRM counts these calls apart; empty where it doesn't. */
    public Optional<String> limit(Operation operation, String object) {
        return Optional.ofNullable(operation(operation, object).limit());
    }

    /** With more due records of one kind than this, they are written in bulk; empty where they never are. */
    public OptionalInt bulkAbove() {
        return bulkAbove;
    }

    /** Whether it can write in bulk, also where that is switched off by now. */
    public boolean hasBulk() {
        return definition.bulk() != null;
    }

    private OptionalInt readBulkAbove() {
        if (definition.bulk() == null) {
            return OptionalInt.empty();
        }
        String above = setting("bulk-above").orElse(definition.bulk().above().toString());
        if (!above.matches("[0-9]{1,9}|off|false")) {
            throw new InvalidCrm("shopbridge.crms." + name + ".bulk-above: \"" + above + "\" is no number of records;"
                    + " write one, as in 2000, or off");
        }
        // YAML readers make false of an off without quotes.
        int records = above.matches("[0-9]+") ? Integer.parseInt(above) : 0;
        return records == 0 ? OptionalInt.empty() : OptionalInt.of(records);
    }

    /** How many records are taken on at once where they are written in bulk. */
    public int bulkBatch() {
        return definition.bulk().batch();
    }

    /** Calls that may be under way at the same time. */
    public int atOnce() {
        return definition.limits().atOnce();
    }

    /** How long changes gather before they are delivered together. */
    public long gatherMillis() {
        String gather = definition.limits().gather();
        return gather == null ? 0 : DurationStyle.detectAndParse(gather).toMillis();
    }

    /** How many due records of the mapping's kind are taken on at once: at least what one call carries. */
    public int claim(String object) {
        // What can only be written one by one is still read together.
        int call = Math.max(batch(can(Operation.UPSERT, object) ? Operation.UPSERT : Operation.UPDATE, object),
                can(Operation.READ, object) ? batch(Operation.READ, object) : 1);
        Integer claim = definition.limits().claim();
        return claim == null ? call : Math.max(call, claim);
    }

    /** How long a call may take. */
    public long timeoutMillis() {
        String timeout = setting("timeout").orElse(definition.limits().timeout());
        return (timeout == null ? TIMEOUT : DurationStyle.detectAndParse(timeout)).toMillis();
    }

    /**
     * Where its API begins, without a slash at the end.
     *
     * @throws InvalidCrm if it is missing, or secrets may not be sent there
     */
    public String baseUrl() {
        String url = givenBaseUrl().orElseThrow(() -> new InvalidCrm("shopbridge.crms." + name
                + ".base-url: missing, and " + folder
                + "/crm.yaml has no base-url either; set the address at which the CRM's API begins"));
        checkAddress("base-url", url);
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
        if (definition.auth() != null && definition.auth().oauth2() != null) {
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
        String given = fill(definition.auth().oauth2().tokenUrl());
        String url = given.startsWith("/") ? baseUrl() + given : given;
        checkAddress("token-url", url);
        return url;
    }

    private void checkAddress(String setting, String url) {
        SecureAddress.fault(url).ifPresent(fault -> {
            throw new InvalidCrm("shopbridge.crms." + name + "." + setting + ": " + fault + "; "
                    + SecureAddress.ADVICE);
        });
    }

    /** A setting of {@code shopbridge.crms.<crm>}, by its name with dashes. */
    public Optional<String> setting(String key) {
        return Optional.ofNullable(settings.get(key.replace("-", ""))).filter(value -> !value.isBlank());
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

    /** Whether a setting of {@code shopbridge.crms.<crm>} says true; absent: it doesn't. */
    public boolean isOn(String key) {
        return setting(key).map(Boolean::parseBoolean).orElse(false);
    }

    CrmDefinition.Auth auth() {
        return definition.auth();
    }

    List<CompiledAnswer> answers() {
        return answers;
    }

    /** Whether the CRM itself knows a write that is repeated, and makes nothing twice of it. */
    public boolean knowsRepeats() {
        return definition.idempotencyHeader() != null;
    }

    /** The header by which the CRM knows a write that is repeated. */
    Optional<String> idempotencyHeader() {
        return Optional.ofNullable(definition.idempotencyHeader());
    }

    /** How many elements the CRM tells of one question, of however many pages. */
    public int mostPaged(Operation operation, String object) {
        Paging paging = operation(operation, object).paging();
        return paging == null || paging.pages().most() == null ? Integer.MAX_VALUE : paging.pages().most();
    }

    private CompiledOperation operation(Operation operation, String object) {
        CompiledOperation found = find(operation, object);
        if (found == null) {
            throw new InvalidCrm(folder + "/crm.yaml operations: " + operation + " is needed but missing; there are "
                    + operations.getOrDefault(ALL, Map.of()).keySet());
        }
        return found;
    }

    private CompiledOperation find(Operation operation, String object) {
        CompiledOperation own = operations.getOrDefault(object, Map.of()).get(operation);
        return own == null ? operations.getOrDefault(ALL, Map.of()).get(operation) : own;
    }

    /** The text with {@code ${setting}} replaced. */
    String fill(String text) {
        Matcher matcher = SETTING.matcher(text);
        return matcher.replaceAll(match -> Matcher.quoteReplacement(setting(match.group(1)).orElseThrow(() ->
                new InvalidCrm("shopbridge.crms." + name + "." + match.group(1) + ": missing; " + folder
                        + "/crm.yaml asks for it. Set it in the environment as SHOPBRIDGE_CRMS_"
                        + envName(name) + "_" + envName(match.group(1))))));
    }

    private static String envName(String key) {
        return key.toUpperCase(Locale.ROOT).replace("-", "");
    }

    private Map<Operation, CompiledOperation> compile(String prefix, Map<Operation, CrmDefinition.Endpoint> all) {
        Map<Operation, CompiledOperation> compiled = new EnumMap<>(Operation.class);
        all.forEach((operation, endpoint) -> compiled.put(operation, compile(prefix + operation, endpoint)));
        return compiled;
    }

    private CompiledOperation compile(String key, CrmDefinition.Endpoint operation) {
        Map<String, String> paths = new HashMap<>();
        paths.put("GET", operation.get());
        paths.put("POST", operation.post());
        paths.put("PUT", operation.put());
        paths.put("PATCH", operation.patch());
        paths.put("DELETE", operation.delete());
        paths.values().removeIf(path -> path == null);
        if (paths.size() != 1) {
            throw new InvalidCrm(folder + "/crm.yaml operations." + key
                    + ": one of get, post, put, patch and delete must give the path; there are " + paths.size());
        }
        Map.Entry<String, String> path = paths.entrySet().iterator().next();
        return new CompiledOperation(path.getKey(), path(path.getValue()),
                operation.batch() == null ? 1 : operation.batch(),
                compile("operations." + key + ".query", operation.query()),
                compile("operations." + key + ".body", operation.body()),
                compile("operations." + key + ".gives", operation.gives()), operation.pages() == null ? null
                        : new Paging(operation.pages(),
                                compile("operations." + key + ".pages", operation.pages().next())),
                operation.limit());
    }

    private Expression compile(String where, String expression) {
        if (expression == null) {
            return null;
        }
        try {
            return Expression.compile(expression);
        } catch (IllegalArgumentException e) {
            throw new InvalidCrm(folder + "/crm.yaml " + where + ": " + e.getMessage());
        }
    }
}
