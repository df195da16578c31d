package io.shopbridge.operate;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/** Logs what an operator changed, and which personal data an operator read. */
@Component
class Audit {

    private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

    /** @param what the past tense of a verb and what it was done to, by its id */
    void did(String what) {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        LOG.info("{} {}", who == null ? "nobody" : who.getName(), what);
    }
}
