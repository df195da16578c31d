package io.shopbridge.plan;

import io.shopbridge.RecordingProxy;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.server.Options;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** Shopbridge with mappings of its own, and CRM One and HubSpot, with what each is sent. */
final class TwoRecordedCrms implements AutoCloseable {

    final SimulatedCrmOne crmOne;
    final SimulatedHubSpot hubspot;
    final RecordingProxy toCrmOne;
    final RecordingProxy toHubSpot;
    final RunningShopbridge shopbridge;
    final Planner planner;
    /** The folder that it has been started with. */
    final Path original;

    /** @param own changes the folder before the start */
    TwoRecordedCrms(Consumer<Path> own) {
        Options options = RunningShopbridge.options().withSearchLag(Duration.ZERO);
        crmOne = SimulatedCrmOne.start(0, options);
        hubspot = SimulatedHubSpot.start(0, options);
        toCrmOne = RecordingProxy.to(crmOne.baseUrl());
        toHubSpot = RecordingProxy.to(hubspot.baseUrl());
        Path running = RunningShopbridge.fastMappings();
        own.accept(running);
        original = Planner.copy(running);
        shopbridge = RunningShopbridge.only(
                "--shopbridge.mappings-dir=" + running,
                "--shopbridge.crms.crm-one.base-url=" + toCrmOne.baseUrl(),
                "--shopbridge.crms.crm-one.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.hubspot.base-url=" + toHubSpot.baseUrl(),
                "--shopbridge.crms.hubspot.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.schedules.plans=* * * * * ?",
                "--shopbridge.schedules.left-out=0 0 0 1 1 ?");
        planner = new Planner(shopbridge, running);
    }

    /** Nobody knows anything, but the mappings are as they were. */
    void reset() {
        shopbridge.reset();
        crmOne.clear();
        hubspot.clear();
    }

    @Override
    public void close() {
        shopbridge.close();
        toCrmOne.close();
        toHubSpot.close();
        crmOne.close();
        hubspot.close();
    }
}
