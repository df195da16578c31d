package io.shopbridge.yaml;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Lists every fault of every mapping instead of a stack trace. */
class InvalidMappingsAnalyzer extends AbstractFailureAnalyzer<InvalidMappings> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidMappings cause) {
        return new FailureAnalysis(cause.getMessage(), "Correct the files and start again.", cause);
    }
}
