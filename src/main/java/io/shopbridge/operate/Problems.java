package io.shopbridge.operate;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.shopbridge.yaml.InvalidMappings;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Answers the API's errors as application/problem+json, whatever the application's setting is. */
@RestControllerAdvice(basePackageClasses = Problems.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
class Problems extends ResponseEntityExceptionHandler {

    private static final Map<Class<?>, String> KINDS = Map.of(LocalDate.class, "a day, as in \"2026-01-31\"",
            Instant.class, "a time with its offset, as in \"2026-01-31T09:30:00Z\"",
            String.class, "a text", Long.class, "a whole number", Boolean.class, "true or false",
            boolean.class, "true or false");

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(HttpMessageNotReadableException e, HttpHeaders headers,
            HttpStatusCode status, WebRequest request) {
        return handleExceptionInternal(e, createProblemDetail(e, status, sentence(e.getCause()), null, null, request),
                headers, status, request);
    }

    /** Files that are read for each request, such as those of mappings/exports, are edited while Shopbridge runs. */
    @ExceptionHandler(InvalidMappings.class)
    ResponseEntity<ProblemDetail> invalid(InvalidMappings e) {
        ProblemDetail detail = ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, e.getMessage());
        detail.setTitle("Files with faults");
        return ResponseEntity.status(HttpStatus.CONFLICT).body(detail);
    }

    /** What is wrong with a body, without its values. */
    private static String sentence(Throwable why) {
        if (why instanceof UnrecognizedPropertyException unknown) {
            return "The body has a key that does not exist here: \"" + unknown.getPropertyName() + "\". There are "
                    + unknown.getKnownPropertyIds().stream().map(Object::toString).sorted().collect(Collectors.joining(", "))
                    + ".";
        }
        if (why instanceof JsonParseException twice && twice.getOriginalMessage().startsWith("Duplicate field")) {
            return "The body has a key twice.";
        }
        if (why instanceof JsonMappingException wrong && !wrong.getPath().isEmpty()) {
            return wrong.getPath().stream().map(Reference::getFieldName).filter(Objects::nonNull)
                    .collect(Collectors.joining(".")) + " must be " + kind(wrong) + ".";
        }
        return "The body must be a JSON object, with Content-Type: application/json.";
    }

    private static String kind(JsonMappingException wrong) {
        Class<?> type = wrong instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
        return type != null && Collection.class.isAssignableFrom(type) ? "a list"
                : KINDS.getOrDefault(type == null ? Object.class : type, "what /v3/api-docs says, and is not");
    }
}
