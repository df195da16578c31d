package io.shopbridge.audit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Records what an operator changed, which personal data an operator read, and what changed without one. A row commits
 * with the change that it is about, where that is one transaction: neither is there without the other.
 */
@Component
public class Audit {

    /** Who is named where no operator asked for it. */
    static final String NOBODY = "shopbridge";

    private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

    private final JdbcClient database;

    Audit(JdbcClient database) {
        this.database = database;
    }

    /**
     * What was done, by whoever asks now.
     *
     * @param did  the past tense of a verb
     * @param what to what, by its number or name; never personal data
     */
    public void did(String did, String what) {
        did(did, what, JsonNodeFactory.instance.objectNode());
    }

    /** @param details what else is to be known of it; never personal data, never a secret */
    public void did(String did, String what, ObjectNode details) {
        Authentication operator = SecurityContextHolder.getContext().getAuthentication();
        add(operator == null ? NOBODY : operator.getName(), from(), did, what, details);
    }

    /** What was done before anybody asked now: whoever does, is not named for it. */
    public void didByItself(String did, String what, ObjectNode details) {
        add(NOBODY, null, did, what, details);
    }

    private void add(String who, String from, String did, String what, ObjectNode details) {
        database.sql("INSERT INTO audit (who, from_host, did, what, details) VALUES (?, ?, ?, ?, ?)")
                .params(who, from, did, what, details.toString()).update();
        LOG.info("{} {} {}", who, did, what);
    }

    private static String from() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request
                ? request.getRequest().getRemoteAddr() : null;
    }
}
