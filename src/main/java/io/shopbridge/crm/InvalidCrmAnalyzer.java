package io.shopbridge.crm;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what is wrong with a CRM in a sentence instead of a stack trace. */
class InvalidCrmAnalyzer extends AbstractFailureAnalyzer<InvalidCrm> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidCrm cause) {
        return new FailureAnalysis(cause.getMessage(), "Correct the file or the setting and start again.", cause);
    }
}
