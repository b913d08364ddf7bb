import Foundation
import Synchronization

/// Named places where a crash hurts most: `LIKA_FAILPOINT=name:abort`, `name:sleep:ms` or `name:abort:after=n`; and
/// `LIKA_MUTANT=name`, a seeded bug that the chaos rig must catch. Both are read in debug and rig builds only.
package enum Failpoint: String, CaseIterable {
    case intakeAfterCommitBeforeReply = "intake.after_commit_before_reply"
    case intakeAfterPiece = "intake.after_piece"
    case relayAfterProduceBeforeAck = "relay.after_produce_before_ack"
    case relayAfterAckBeforeMark = "relay.after_ack_before_mark"
    case inboxAfterInsert = "inbox.after_insert"
    case inboxAfterEffectBeforeCommit = "inbox.after_effect_before_commit"
    case inboxAfterCommitBeforeOffset = "inbox.after_commit_before_offset"
    case schedulerAfterLease = "scheduler.after_lease"
    case schedulerAfterCloseBeforeCommit = "scheduler.after_close_before_commit"
    case verifyAfterSignatureCheck = "verify.after_signature_check"
    case notifyAfterIntentBeforeSend = "notify.after_intent_before_send"
    case notifyAfterSendBeforeRecord = "notify.after_send_before_record"
    case auditAfterHeadLock = "audit.after_head_lock"
    case purgeAfterKeyDelete = "purge.after_key_delete"
    case migrateMidStep = "migrate.mid_step"

    #if DEBUG || LIKA_RIG
        private static let armed: (name: String, action: String, argument: Int)? = {
            guard let setting = ProcessInfo.processInfo.environment["LIKA_FAILPOINT"] else { return nil }
            let parts = setting.split(separator: ":").map(String.init)
            guard parts.count >= 2 else { return nil }
            return (parts[0], parts[1], parts.count > 2 ? Int(parts[2].replacing("after=", with: "")) ?? 0 : 0)
        }()
        private static let passes = Atomic(0)

        package func hit() {
            guard let armed = Self.armed, armed.name == rawValue else { return }
            switch armed.action {
            case "abort":
                // As the kernel would: nothing is flushed, no crash report is written.
                if Self.passes.add(1, ordering: .relaxed).newValue > armed.argument { kill(getpid(), SIGKILL) }
            case "sleep": usleep(UInt32(armed.argument) * 1000)
            default: break
            }
        }
    #else
        @inlinable package func hit() {}
    #endif
}

/// Seeded bugs.
enum Mutant: String {
    /// Commits the Kafka offset before the effect.
    case offsetBeforeCommit = "offset-before-commit"
    /// Applies every delivery, known or not.
    case noInboxKey = "no-inbox-key"
    /// Relays `WHERE id > last`, which skips what commits late.
    case cursorRelay = "cursor-relay"

    #if DEBUG || LIKA_RIG
        private static let active = ProcessInfo.processInfo.environment["LIKA_MUTANT"]
        /// A bug seeded into the tasks of one test alone.
        @TaskLocal static var trial: Mutant?
        var isActive: Bool { Self.active == rawValue || Self.trial == self }
    #else
        var isActive: Bool { false }
    #endif
}
