using Starling.Messaging.Calls;

namespace Starling.Messaging.Connections;

/// <summary>The completion of a call whose reports wait in the same inbox, so that it comes after them.</summary>
internal sealed class CompletionItem(PendingCall call, WireConnection connection) : InboxItem
{
    public override void Run()
    {
        ThreadPool.UnsafeQueueUserWorkItem(static call => call.Complete(), call, preferLocal: false);
        connection.OnRequestDone();
    }
}
