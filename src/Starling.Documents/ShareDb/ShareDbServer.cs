using Microsoft.Extensions.Logging;
using Starling.Documents.Diagnostics;
using Starling.Documents.History;
using Starling.Documents.Hosting;
using Starling.Documents.Presence;
using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>What all connections of one endpoint share. Immutable; its parts are thread-safe.</summary>
internal sealed record ShareDbServer(
    ShareDbOptions Options, DocumentEngine Engine, HistoryReader History, AccessControl Access, SnapshotGate Gate, PresenceHub Presence,
    IServiceProvider Services, DocumentMetrics Metrics, ILogger Log)
{
    public DepartedPresences Departed { get; } = new(Engine.Services.Time);

    public DocumentsOptions Documents => Engine.Services.Options;

    public TimeProvider Time => Engine.Services.Time;

    public CollectionName Resolve(string name) =>
        name == SourceIds.OwnCollection
            ? throw new DocumentException(DocumentErrors.AccessDenied, "This collection is the server's own")
            : new CollectionName(name, Documents.Projections.FirstOrDefault(projection => projection.Name == name));
}
