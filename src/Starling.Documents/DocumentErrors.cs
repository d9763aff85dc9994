namespace Starling.Documents;

/// <summary>
/// The catalogue of error codes. Those that ShareDB has are spelled as there, since clients act on some of them; the others are marked.
/// </summary>
public static class DocumentErrors
{
    /// <summary>An error that has no code of its own.</summary>
    public const string Unknown = "ERR_UNKNOWN_ERROR";

    /// <summary>The message is not one of the protocol.</summary>
    public const string MessageBadlyFormed = "ERR_MESSAGE_BADLY_FORMED";

    /// <summary>The operation has not the form of an operation.</summary>
    public const string OperationBadlyFormed = "ERR_OT_OP_BADLY_FORMED";

    /// <summary>The document's type refuses the operation.</summary>
    public const string OperationNotApplied = "ERR_OT_OP_NOT_APPLIED";

    /// <summary>No type of that name is registered.</summary>
    public const string TypeNotRecognized = "ERR_DOC_TYPE_NOT_RECOGNIZED";

    /// <summary>The document is there already.</summary>
    public const string AlreadyCreated = "ERR_DOC_ALREADY_CREATED";

    /// <summary>The document is not there.</summary>
    public const string DoesNotExist = "ERR_DOC_DOES_NOT_EXIST";

    /// <summary>The document was deleted while the operation was under way.</summary>
    public const string WasDeleted = "ERR_DOC_WAS_DELETED";

    /// <summary>A version is asked for that the document has not reached.</summary>
    public const string VersionTooNew = "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT";

    /// <summary>The operations between the submitted version and the current one are gone.</summary>
    public const string OperationsNotFound = "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND";

    /// <summary>Others were quicker as often as is tried.</summary>
    public const string MaxRetriesExceeded = "ERR_MAX_SUBMIT_RETRIES_EXCEEDED";

    /// <summary>The operation changes nothing and is not committed.</summary>
    public const string NoOp = "ERR_NO_OP";

    /// <summary>The operation was refused; the client takes it back without telling its user.</summary>
    public const string SubmitRejected = "ERR_OP_SUBMIT_REJECTED";

    /// <summary>The operation touches what the projection does not show.</summary>
    public const string NotAllowedInProjection = "ERR_OP_NOT_ALLOWED_IN_PROJECTION";

    /// <summary>Documents of this type cannot be shown in parts.</summary>
    public const string CannotBeProjected = "ERR_TYPE_CANNOT_BE_PROJECTED";

    /// <summary>A fix-up needs a type whose operations can be joined.</summary>
    public const string CannotCompose = "ERR_TYPE_DOES_NOT_SUPPORT_COMPOSE";

    /// <summary>A deletion cannot be fixed up.</summary>
    public const string CannotFixUpDeletion = "ERR_CANNOT_FIXUP_DELETION";

    /// <summary>Documents of this type have no presence.</summary>
    public const string CannotPresence = "ERR_TYPE_DOES_NOT_SUPPORT_PRESENCE";

    /// <summary>The type could not carry a presence over an operation.</summary>
    public const string PresenceTransformFailed = "ERR_PRESENCE_TRANSFORM_FAILED";

    /// <summary>The sequence numbers of a connection are used up.</summary>
    public const string SequenceOverflow = "ERR_CONNECTION_SEQ_INTEGER_OVERFLOW";

    /// <summary>Some of several snapshots may not be read.</summary>
    public const string SnapshotReadsRejected = "ERR_SNAPSHOT_READS_REJECTED";

    /// <summary>A snapshot may not be read, and the client keeps that to itself.</summary>
    public const string SnapshotReadSilentRejection = "ERR_SNAPSHOT_READ_SILENT_REJECTION";

    /// <summary>There is no database of that name.</summary>
    public const string DatabaseNotFound = "ERR_DATABASE_ADAPTER_NOT_FOUND";

    /// <summary>Starling's own: the user may not do this.</summary>
    public const string AccessDenied = "ERR_ACCESS_DENIED";

    /// <summary>Starling's own: the client uses a source that was not issued to its user.</summary>
    public const string SourceNotIssued = "ERR_SOURCE_NOT_ISSUED";

    /// <summary>Starling's own: the operation is larger than operations may be.</summary>
    public const string OperationTooLarge = "ERR_OP_TOO_LARGE";

    /// <summary>Starling's own: the document would grow larger than documents may be.</summary>
    public const string DocumentTooLarge = "ERR_DOC_TOO_LARGE";

    /// <summary>Starling's own: the connection has as many subscriptions, queries or presences as it may.</summary>
    public const string TooManySubscriptions = "ERR_TOO_MANY_SUBSCRIPTIONS";

    /// <summary>Starling's own: the query is not understood.</summary>
    public const string QueryBadlyFormed = "ERR_QUERY_BADLY_FORMED";

    /// <summary>Starling's own: the query finds more than a result may hold.</summary>
    public const string QueryTooLarge = "ERR_QUERY_TOO_LARGE";

    /// <summary>Starling's own: the answer is larger than the connection's send queue may hold.</summary>
    public const string AnswerTooLarge = "ERR_ANSWER_TOO_LARGE";

    /// <summary>Starling's own: the type cannot take operations back, or there is nothing to take back.</summary>
    public const string CannotUndo = "ERR_CANNOT_UNDO";

    /// <summary>Starling's own: that part of the history is no longer kept.</summary>
    public const string HistoryNotKept = "ERR_HISTORY_NOT_KEPT";

    /// <summary>Starling's own: the store failed; whether an operation was committed is not known, and sending it again is safe.</summary>
    public const string StoreFailed = "ERR_STORE_FAILED";
}
