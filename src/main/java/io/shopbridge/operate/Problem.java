package io.shopbridge.operate;

import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** A request that can't be done, as RFC 9457 problem details. */
public class Problem extends ErrorResponseException {

    Problem(HttpStatus status, String title, String detail) {
        super(status, details(status, title, detail), null);
    }

    static Problem badParameter(String detail) {
        return new Problem(HttpStatus.BAD_REQUEST, "Bad parameter", detail);
    }

    static Problem unknownStore(Stores stores) {
        return new Problem(HttpStatus.NOT_FOUND, "Unknown store", "No store of this name is configured. Configured: "
                + stores.all().stream().map(Store::name).collect(Collectors.joining(", ")) + ".");
    }

    private static ProblemDetail details(HttpStatus status, String title, String detail) {
        ProblemDetail details = ProblemDetail.forStatusAndDetail(status, detail);
        details.setTitle(title);
        return details;
    }
}
