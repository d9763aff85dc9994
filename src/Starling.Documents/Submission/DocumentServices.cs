using Microsoft.Extensions.Logging;
using Starling.Documents.Diagnostics;
using Starling.Documents.Hosting;
using Starling.Documents.Storage;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.Submission;

/// <summary>What every document needs. One for each engine; its parts are thread-safe.</summary>
internal sealed record DocumentServices(
    IDocumentStore Store, DocumentTypes Types, DocumentsOptions Options, TimeProvider Time, OperationRelay Relay, CollectionFeeds Feeds,
    DocumentMetrics Metrics, ILogger Log)
{
    /// <summary>How much memory the documents take.</summary>
    public DocumentMemory Memory { get; } = new(Options.MaxDocumentMemoryBytes);
}
