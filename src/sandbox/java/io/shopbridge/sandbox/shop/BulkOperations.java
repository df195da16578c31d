package io.shopbridge.sandbox.shop;

import graphql.GraphQLError;
import graphql.language.Document;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;
import graphql.schema.DataFetchingEnvironment;
import graphql.validation.ValidationError;
import io.shopbridge.sandbox.shop.Connections.Position;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Bulk operations: queries that run by themselves and leave a file. Every one is CREATED, then RUNNING, for a while, and
 * ends as COMPLETED, or as a test wants it.
 *
 * @see <a href="https://shopify.dev/docs/api/usage/bulk-operations/queries">Bulk operations</a>
 */
final class BulkOperations implements AutoCloseable {

    /** How the next operation ends that would have been completed. */
    enum End { COMPLETED, FAILED, FAILED_WITH_A_PART, EXPIRED }

    /** The path under which results lie, behind which their names follow. */
    static final String PATH = "bulk-results";

    private static final int MOST_AT_ONCE = 5;
    private static final int MOST_REMEMBERED = 50;
    private static final int MOST_BYTES = 65_535;
    private static final Duration URL_LIVES = Duration.ofDays(7);
    private static final Set<String> FILTERS = Set.of("created_at", "id", "operation_type", "status");
    private static final Set<String> OPEN = Set.of("CREATED", "RUNNING", "CANCELING");

    private static final class Running {
        private final long id;
        private final String query;
        private final Instant createdAt;
        private final End end;
        private final Duration takes;
        private volatile boolean cancelled;
        private volatile String status = "CREATED";
        private volatile String error;
        private volatile Instant completedAt;
        private volatile BulkFile file;
        private volatile String name;

        private Running(long id, String query, Instant createdAt, End end, Duration takes) {
            this.takes = takes;
            this.id = id;
            this.query = query;
            this.createdAt = createdAt;
            this.end = end;
        }

        private boolean isOpen() {
            return OPEN.contains(status);
        }
    }

    private final ShopModel model;
    private final AdminGraphql graphql;
    private final Clock clock;
    private volatile Duration takes;
    private final AtomicReference<End> nextEnd = new AtomicReference<>(End.COMPLETED);
    private final Map<Long, Running> operations = new TreeMap<>();
    private volatile String baseUrl = "";
    private long last = 7_933_223_000_000L;

    /** @param takes how long an operation takes at least */
    BulkOperations(ShopModel model, AdminGraphql graphql, Clock clock, Duration takes) {
        this.model = model;
        this.graphql = graphql;
        this.clock = clock;
        this.takes = takes;
    }

    /** Where the results' URLs begin. */
    void baseUrl(String url) {
        baseUrl = url;
    }

    /** How long those take at least that are started from now on. */
    void take(Duration time) {
        takes = time;
    }

    void endNext(End end) {
        nextEnd.set(end);
    }

    Object run(String query, boolean grouped) {
        List<String> faults = faults(query);
        if (!faults.isEmpty()) {
            return payload(null, faults.stream().map(fault -> error(fault, "INVALID", "query")).toList());
        }
        List<Running> open = operations.values().stream().filter(one -> isOpen(one)).toList();
        if (open.size() >= MOST_AT_ONCE) {
            return payload(null, List.of(error("A bulk query operation for this app and shop is already in progress: "
                    + open.stream().map(one -> gid(one.id)).collect(Collectors.joining(", ")) + ".",
                    "OPERATION_IN_PROGRESS")));
        }
        Running operation = new Running(++last, query, clock.instant(), nextEnd.getAndSet(End.COMPLETED),
                takes);
        operations.put(operation.id, operation);
        forget();
        Thread thread = new Thread(() -> work(operation, grouped), "simulated-bulk-operation");
        thread.setDaemon(true);
        Map<String, Object> created = node(operation);
        thread.start();
        return payload(created, List.of());
    }

    int started() {
        return operations.size();
    }

    Object cancel(String gid) {
        Running operation = operations.get(id(gid));
        if (operation == null) {
            return payload(null, List.of(error("Bulk operation does not exist", null, "id")));
        }
        if (!isOpen(operation)) {
            return payload(node(operation), List.of(error("A bulk operation cannot be canceled when it is "
                    + operation.status.toLowerCase(Locale.ROOT), null)));
        }
        operation.cancelled = true;
        if (operation.completedAt != null) {
            operation.completedAt = clock.instant();
        }
        Map<String, Object> cancelling = node(operation);
        cancelling.put("status", "CANCELING");
        return payload(cancelling, List.of());
    }

    Object get(String gid) {
        Running operation = operations.get(id(gid));
        return operation == null ? null : node(operation);
    }

    Object list(DataFetchingEnvironment env) {
        String text = env.getArgument("query");
        SearchQuery.Read<Running> query;
        try {
            query = SearchQuery.read(text, new SearchQuery.Fields<>() {
                @Override
                public Set<String> valid() {
                    return FILTERS;
                }

                @Override
                public Object value(Running one, String field) {
                    return switch (field) {
                        case "created_at" -> one.createdAt;
                        case "id" -> one.id;
                        case "operation_type" -> "query";
                        default -> node(one).get("status");
                    };
                }
            }, Payloads.ZONE, clock.instant());
        } catch (SearchQuery.Invalid e) {
            throw ApiError.badRequest(e.getMessage());
        }
        Roots.warn(env, text, query.warnings());
        boolean byEnd = "COMPLETED_AT".equals(env.getArgument("sortKey"));
        List<Running> found = operations.values().stream().filter(query.matches()).toList();
        return Connections.of(found, one -> new Position(String.valueOf(byEnd ? one.completedAt : one.createdAt),
                one.id), this::node, env);
    }

    /** The file of a result; null if there is none of this name, or its time is over. */
    Path result(String name) {
        return operations.values().stream().filter(one -> name.equals(one.name))
                .filter(one -> one.completedAt.plus(URL_LIVES).isAfter(clock.instant()))
                .map(one -> one.file.path()).findFirst().orElse(null);
    }

    @Override
    public void close() {
        operations.values().forEach(BulkOperations::drop);
        operations.clear();
    }

    /** The oldest are forgotten with their files. */
    private void forget() {
        Iterator<Running> oldest = operations.values().iterator();
        while (operations.size() > MOST_REMEMBERED && oldest.hasNext()) {
            Running operation = oldest.next();
            if (!isOpen(operation)) {
                drop(operation);
                oldest.remove();
            }
        }
    }

    private static void drop(Running operation) {
        operation.cancelled = true;
        if (operation.file != null) {
            try {
                Files.deleteIfExists(operation.file.path());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private List<String> faults(String query) {
        int bytes = query.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_BYTES) {
            return List.of("Query is too large (" + bytes + " bytes; maximum is " + MOST_BYTES + " bytes)");
        }
        if (query.isBlank()) {
            return List.of("Invalid bulk query: syntax error, unexpected end of file");
        }
        try {
            Document document = new Parser().parseDocument(query);
            List<ValidationError> invalid = graphql.validate(document);
            return invalid.isEmpty() ? BulkQuery.faults(document, graphql.schema()) : List.of("Invalid bulk query: "
                    + RefusedQueries.invalid(invalid.get(0), document).get("message"));
        } catch (InvalidSyntaxException e) {
            return List.of("Invalid bulk query: syntax error, unexpected end of file");
        }
    }

    /** Page by page, as the shop goes on in between. */
    private void work(Running operation, boolean grouped) {
        try {
            Path path = Files.createTempFile("simulated-bulk-operation", ".jsonl");
            path.toFile().deleteOnExit();
            Document document = new Parser().parseDocument(operation.query);
            Whole whole = new Whole();
            List<GraphQLError> errors = new ArrayList<>();
            try (BulkFile file = new BulkFile(path, grouped, operation.id)) {
                operation.file = file;
                while (errors.isEmpty() && !operation.cancelled && whole.hasMore()) {
                    synchronized (model) {
                        graphql.whole(document, whole, errors).forEach((name, connection) ->
                                write(file, connection, operation.end != End.COMPLETED));
                    }
                    if (operation.end != End.COMPLETED && file.roots() > 0) {
                        break;
                    }
                }
            }
            operation.error = !errors.isEmpty() ? "ACCESS_DENIED" : null;
        } catch (IOException | RuntimeException bug) {
            System.getLogger(BulkOperations.class.getName()).log(System.Logger.Level.ERROR,
                    "A simulated bulk operation failed", bug);
            operation.error = "INTERNAL_SERVER_ERROR";
        }
        operation.name = UUID.randomUUID() + ".jsonl";
        Instant now = clock.instant();
        operation.completedAt = !operation.cancelled && operation.createdAt.plus(operation.takes).isAfter(now)
                ? operation.createdAt.plus(operation.takes) : now;
    }

    private static void write(BulkFile file, Object connection, boolean half) {
        if (connection instanceof Map<?, ?> page && page.get("edges") instanceof List<?> edges) {
            try {
                file.add(edges.stream().limit(half ? (edges.size() + 1) / 2 : edges.size())
                        .map(edge -> ((Map<?, ?>) edge).get("node")).toList());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private boolean isOpen(Running operation) {
        settle(operation);
        return operation.isOpen();
    }

    /** Brings the status to what it is by now: the file may be written before its time is over. */
    private void settle(Running operation) {
        if (!operation.isOpen()) {
            return;
        }
        boolean isWritten = operation.completedAt != null;
        Instant now = clock.instant();
        if (isWritten && !operation.completedAt.isAfter(now)) {
            operation.status = operation.cancelled ? "CANCELED" : operation.error != null ? "FAILED"
                    : switch (operation.end) {
                        case COMPLETED -> "COMPLETED";
                        case EXPIRED -> "EXPIRED";
                        default -> "FAILED";
                    };
            if (operation.status.equals("FAILED") && operation.error == null) {
                operation.error = operation.end == End.FAILED_WITH_A_PART ? "TIMEOUT" : "INTERNAL_SERVER_ERROR";
            }
        } else if (operation.cancelled) {
            operation.status = "CANCELING";
        } else if (!now.isBefore(operation.createdAt.plus(operation.takes.dividedBy(2)))) {
            operation.status = "RUNNING";
        } else {
            operation.status = "CREATED";
        }
    }

    private Map<String, Object> node(Running operation) {
        settle(operation);
        boolean isDone = !operation.isOpen();
        BulkFile file = operation.file;
        Map<String, Object> node = new HashMap<>();
        node.put("__typename", "BulkOperation");
        node.put("id", gid(operation.id));
        node.put("status", operation.status);
        node.put("errorCode", isDone ? operation.error : null);
        node.put("type", "QUERY");
        node.put("query", operation.query);
        node.put("createdAt", operation.createdAt.truncatedTo(ChronoUnit.SECONDS));
        node.put("completedAt", isDone ? operation.completedAt.truncatedTo(ChronoUnit.SECONDS) : null);
        boolean isCounted = file != null && !operation.status.equals("CREATED");
        node.put("objectCount", isCounted ? file.objects() : 0);
        node.put("rootObjectCount", isCounted ? file.roots() : 0);
        boolean hasResult = isDone && file != null && file.objects() > 0;
        boolean isComplete = operation.status.equals("COMPLETED");
        node.put("fileSize", hasResult && isComplete ? file.path().toFile().length() : null);
        node.put("url", hasResult && isComplete ? url(operation) : null);
        node.put("partialDataUrl", hasResult && !isComplete && operation.end == End.FAILED_WITH_A_PART
                ? url(operation) : null);
        return node;
    }

    private String url(Running operation) {
        return baseUrl + "/" + PATH + "/" + operation.name;
    }

    private static Map<String, Object> payload(Object operation, List<?> errors) {
        Map<String, Object> payload = new HashMap<>();
        payload.put("bulkOperation", operation);
        payload.put("userErrors", errors);
        return payload;
    }

    private static Map<String, Object> error(String message, String code, String... field) {
        Map<String, Object> error = new HashMap<>();
        error.put("__typename", code == null ? "UserError" : "BulkOperationUserError");
        error.put("field", field.length == 0 ? null : List.of(field));
        error.put("message", message);
        error.put("code", code);
        return error;
    }

    private static String gid(long id) {
        return Payloads.gid("BulkOperation", id);
    }

    private static long id(String gid) {
        Matcher id = Pattern.compile("gid://shopify/BulkOperation/(\\d+)").matcher(gid);
        if (!id.matches()) {
            throw ApiError.notFound(gid);
        }
        return Long.parseLong(id.group(1));
    }
}
