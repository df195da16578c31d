package io.shopbridge.database;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

import java.sql.SQLException;

/** Explains why a configured database can't be used, in two paragraphs instead of a stack trace. */
class ConnectionFaultsAnalyzer extends AbstractFailureAnalyzer<SQLException> {

    private final Environment environment;

    ConnectionFaultsAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected FailureAnalysis analyze(Throwable failure, SQLException cause) {
        String url = environment.getProperty("spring.datasource.url");
        if (!StringUtils.hasText(url)) {
            return null;        // The embedded one explains itself.
        }
        return ConnectionFaults.explain(failure, url, environment.getProperty("spring.datasource.username"))
                .map(fault -> new FailureAnalysis(fault.getMessage(), fault.remedy(), failure)).orElse(null);
    }
}
