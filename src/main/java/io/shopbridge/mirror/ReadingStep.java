package io.shopbridge.mirror;

import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.inbox.Pass;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.shopify.Reading;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.ShopbridgeSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The second step: what the bodies of events say. One that says nothing, or can't be read, reaches no record. */
@Component("reading")
public class ReadingStep {

    private static final Logger LOG = LoggerFactory.getLogger(ReadingStep.class);

    private final Shopify shopify;
    private final Topics topics;
    private final Mirror mirror;
    private final AppEvents app;
    private final Duration maxAge;
    private final MeterRegistry meters;

    ReadingStep(Shopify shopify, Topics topics, Mirror mirror, AppEvents app, ShopbridgeSettings settings,
            MeterRegistry meters) {
        this.shopify = shopify;
        this.topics = topics;
        this.mirror = mirror;
        this.app = app;
        this.maxAge = settings.webhook().maxAge();
        this.meters = meters;
    }

    /** Reads these events, or rejects them unread where the pass says so. */
    public Batch read(@Body List<ReceivedEvent> events, @Variable(Pass.VARIABLE) Pass pass) {
        Batch batch = new Batch(events);
        pass.rejection().ifPresentOrElse(
                because -> events.forEach(event -> batch.aside(event, Outcome.REJECTED, because)),
                () -> events.forEach(event -> read(batch, event)));
        return batch;
    }

    private void read(Batch batch, ReceivedEvent received) {
        ReceivedEvent event = received.isTriggeredAhead() ? received.withoutTrigger() : received;
        try {
            Optional<Reading> reading = topics.receive(event);
            if (reading.isEmpty()) {
                batch.aside(event, Outcome.NOT_HANDLED, "Topic " + event.topic() + " is kept but not handled");
            } else if (shopify.isDuty(event.topic())) {
                batch.aside(Duties.of(event));
            } else if (reading.get().app().isPresent()) {
                batch.aside(app.entry(event, reading.get().app().get()));
            } else if (reading.get().changes().isEmpty()) {
                batch.aside(event, Outcome.NOT_HANDLED, reading.get().nothing());
            } else if (!event.byHand() && event.isLate(maxAge) && mirror.isNews(reading.get().changes())) {
                batch.aside(event, Outcome.REJECTED, "It was triggered at " + event.triggeredAt() + " and came "
                        + Duration.between(event.triggeredAt(), event.receivedAt()).toDays() + " days later, while"
                        + " Shopify sends again for four hours only. Somebody may have kept it and sent it again, so"
                        + " nothing of it was taken in. If it is right, replay it;"
                        + " shopbridge.webhook.max-age says how old an event may be");
            } else {
                batch.changes().put(event.id(), reading.get().changes());
                note(received, reading.get());
            }
        } catch (UnreadablePayload e) {
            batch.aside(event, Outcome.REJECTED, e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("Event {} of topic {} could not be read; it is rejected and the next ones go on: {}", event.id(),
                    event.topic(), DatabaseFailure.place(e));
            batch.aside(event, Outcome.REJECTED, "Shopbridge could not read the body ("
                    + e.getClass().getSimpleName() + "); report it with the bytes");
        }
    }

    /** What was not taken as it came. No person must act, but whoever wonders must find out. */
    private void note(ReceivedEvent event, Reading reading) {
        if (reading.mended()) {
            meters.counter("shopbridge.events.adjusted", "what", "text").increment();
            LOG.info("Event {} of topic {} holds a zero byte or half a character; U+FFFD was taken instead.",
                    event.id(), event.topic());
        }
        if (!reading.leftOut().isEmpty()) {
            meters.counter("shopbridge.events.adjusted", "what", "left-out").increment();
            LOG.info("Event {} of topic {} has what Shopify doesn't send: {}. It was left out, and the rest taken in;"
                    + " ask the app that sent it.", event.id(), event.topic(), String.join(", ", reading.leftOut()));
        }
        if (reading.withheld()) {
            meters.counter("shopbridge.customers.withheld", "store", event.store()).increment();
        }
        if (reading.ahead() || event.isTriggeredAhead()) {
            meters.counter("shopbridge.events.adjusted", "what", "time").increment();
            LOG.info("Event {} of topic {} has a time that is yet to come, so that of its receipt was taken: a clock is"
                    + " wrong, Shopify's, an app's or this machine's.", event.id(), event.topic());
        }
    }
}
