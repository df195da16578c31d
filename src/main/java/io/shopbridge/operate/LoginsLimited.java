package io.shopbridge.operate;

import java.time.Duration;
import org.springframework.security.core.AuthenticationException;

/** A login that was not checked, because too many failed before it: it may be right, and can be tried again. */
class LoginsLimited extends AuthenticationException {

    private final transient Duration retryAfter;

    LoginsLimited(Duration retryAfter) {
        super("Too many logins failed; try again in " + retryAfter.toSeconds() + " s");
        this.retryAfter = retryAfter;
    }

    Duration retryAfter() {
        return retryAfter;
    }
}
