package io.shopbridge;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.RecordingProxy.Recorded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Compares what Pipedrive was asked with its own published description of API v2. */
public final class PipedriveContract {

    /**
     * The description has no way to take a person or deal out of an organization. It says of fields of the account's own
     * that null empties them, and v1 took null for references too.
     */
    private static final String EMPTIES = "Path '/org_id'] Instance type (null)";
    private static final Path DESCRIPTION = Path.of("../shared/specs/pipedrive/v2.yaml");
    private static final ObjectMapper JSON = new ObjectMapper();

    private PipedriveContract() {
    }

    /**
     * What breaks the description of API v2, a sentence each; empty where the description is absent. Of v1 is only
     * {@code /v1/users/me}, which the doctor asks before it sets an account up.
     */
    public static Optional<List<String>> breaches(List<Recorded> requests) {
        if (!Files.exists(DESCRIPTION)) {
            return Optional.empty();
        }
        OpenApiInteractionValidator strict = validator(LevelResolver.create());
        // A body that is described in four parts can't be strict in each: what one part knows, the others don't.
        OpenApiInteractionValidator parts = validator(LevelResolver.create()
                .withLevel("validation.schema.additionalProperties", ValidationReport.Level.IGNORE));
        Set<String> breaches = new TreeSet<>();
        Set<String> shapes = new HashSet<>();
        for (Recorded request : requests) {
            boolean isV1 = request.uri().getPath().equals("/v1/users/me");
            if (!isV1 && shapes.add(shape(request))) {
                boolean inParts = request.uri().getPath().contains("/products");
                for (ValidationReport.Message message : (inParts ? parts : strict).validateRequest(asked(request))
                        .getMessages()) {
                    if (message.getLevel() == ValidationReport.Level.ERROR && !message.getMessage().contains(EMPTIES)) {
                        breaches.add(request.method() + " " + template(request) + ": " + message.getMessage());
                    }
                }
            }
        }
        return Optional.of(List.copyOf(breaches));
    }

    private static OpenApiInteractionValidator validator(LevelResolver.Builder levels) {
        return OpenApiInteractionValidator.createFor(DESCRIPTION.toAbsolutePath().toString())
                .withBasePathOverride("/api/v2").withLevelResolver(levels
                        .withLevel("validation.request.parameter.query.unexpected", ValidationReport.Level.ERROR).build())
                .build();
    }

    private static SimpleRequest asked(Recorded recorded) {
        SimpleRequest.Builder request = new SimpleRequest.Builder(recorded.method(), recorded.uri().getPath());
        String query = recorded.uri().getRawQuery();
        for (String parameter : query == null ? new String[0] : query.split("&")) {
            String[] pair = parameter.split("=", 2);
            request.withQueryParam(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        recorded.headers().forEach(request::withHeader);
        return recorded.body().isEmpty() ? request.build() : request.withBody(recorded.body()).build();
    }

    /** Thousands of requests differ in their values only: one of each shape is enough. */
    private static String shape(Recorded request) {
        StringBuilder shape = new StringBuilder(request.method()).append(template(request));
        String query = request.uri().getRawQuery();
        shape.append(query == null ? "" : query.replaceAll("=[^&]*", ""));
        try {
            if (!request.body().isEmpty()) {
                describe(JSON.readTree(request.body()), shape);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return shape.toString();
    }

    private static void describe(JsonNode node, StringBuilder shape) {
        shape.append(node.getNodeType());
        node.properties().forEach(field -> {
            shape.append(field.getKey());
            describe(field.getValue(), shape);
        });
        if (node.isArray()) {
            node.forEach(element -> describe(element, shape));
        }
    }

    private static String template(Recorded request) {
        return request.uri().getPath().replaceAll("/\\d+", "/{id}");
    }
}
