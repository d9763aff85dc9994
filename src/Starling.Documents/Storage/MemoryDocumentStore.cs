using System.Collections.Concurrent;
using Starling.Documents.Storage.Queries;

namespace Starling.Documents.Storage;

/// <summary>Keeps documents in memory: for tests, for trying things out, and as the model of what a store has to do. Durable as the process.</summary>
public sealed class MemoryDocumentStore : IDocumentStore
{
    private readonly ConcurrentDictionary<DocumentKey, Entry> _documents = new();

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(DocumentCommit commit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commit);
        cancellationToken.ThrowIfCancellationRequested();
        return new(_documents.GetOrAdd(commit.Key, static key => new Entry(key)).Commit(commit));
    }

    /// <inheritdoc/>
    public ValueTask<DocumentSnapshot> ReadSnapshotAsync(DocumentKey key, SnapshotPoint point, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_documents.TryGetValue(key, out var entry) ? entry.ReadSnapshot(point) : DocumentSnapshot.Absent(key));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DocumentOperation>> ReadOperationsAsync(
        DocumentKey key, long from, long to, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_documents.TryGetValue(key, out var entry) ? entry.ReadOperations(from, to) : []);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DocumentOperation>> ReadOperationsAsync(
        DocumentKey key, long from, long to, long maxBytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var bytes = 0L;
        return new(_documents.TryGetValue(key, out var entry)
            ? [.. entry.ReadOperations(from, to).TakeWhile(operation => bytes <= maxBytes && (bytes += operation.Data.Length) >= 0)] : []);
    }

    /// <inheritdoc/>
    public ValueTask<DocumentOperation?> FindOperationAsync(DocumentKey key, OperationId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_documents.TryGetValue(key, out var entry) ? entry.Find(id) : null);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Milestone>> ListMilestonesAsync(DocumentKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_documents.TryGetValue(key, out var entry) ? entry.ListMilestones() : []);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DocumentSnapshot>> QueryAsync(string collection, DocumentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellationToken.ThrowIfCancellationRequested();
        var snapshots = _documents.Where(item => item.Key.Collection == collection).Select(item => item.Value.Current);
        return new(QueryMatcher.Run(query, snapshots));
    }

    private sealed class Entry(DocumentKey key)
    {
        private readonly Lock _gate = new();
        private readonly List<DocumentOperation> _operations = [];
        private readonly OperationIndex _index = new();
        private readonly SortedDictionary<long, MilestoneSnapshot> _milestones = [];
        private volatile DocumentSnapshot _current = DocumentSnapshot.Absent(key);
        private long _version;

        public DocumentSnapshot Current => _current;

        public CommitResult Commit(DocumentCommit commit)
        {
            lock (_gate)
            {
                if (_version != commit.ExpectedVersion)
                {
                    return CommitResult.VersionConflict;
                }

                for (var i = 0; i < commit.Operations.Count; i++)
                {
                    if (_index.Find(commit.Operations[i].Id) is not null || IsRepeated(commit, i))
                    {
                        return CommitResult.DuplicateOperation;
                    }
                }

                for (var i = 0; i < commit.Operations.Count; i++)
                {
                    _operations.Add(commit.Operations[i]);
                    _index.Add(commit.Operations[i].Id, commit.Operations[i].Version);
                }

                _version += commit.Operations.Count;
                _current = commit.Snapshot ?? _current;
                ChangeMilestones(commit);
                DropOperations(commit.DropOperationsBefore);
                return CommitResult.Committed;
            }
        }

        private static bool IsRepeated(DocumentCommit commit, int index)
        {
            for (var i = 0; i < index; i++)
            {
                if (commit.Operations[i].Id == commit.Operations[index].Id)
                {
                    return true;
                }
            }

            return false;
        }

        public DocumentSnapshot ReadSnapshot(SnapshotPoint point)
        {
            lock (_gate)
            {
                return _milestones.Values.Select(item => item.Snapshot).Append(_current)
                    .Where(point.Includes).MaxBy(snapshot => snapshot.Version) ?? DocumentSnapshot.Absent(key);
            }
        }

        public List<DocumentOperation> ReadOperations(long from, long to)
        {
            lock (_gate)
            {
                if (_operations.Count == 0)
                {
                    return [];
                }

                var first = _operations[0].Version;
                var start = (int)Math.Clamp(from - first, 0, _operations.Count);
                var end = (int)Math.Clamp(to - first, start, _operations.Count);
                return _operations.GetRange(start, end - start);
            }
        }

        public DocumentOperation? Find(OperationId id)
        {
            lock (_gate)
            {
                return _index.Find(id) is { } version ? _operations[(int)(version - _operations[0].Version)] : null;
            }
        }

        public IReadOnlyList<Milestone> ListMilestones()
        {
            lock (_gate)
            {
                return [.. _milestones.Values.Select(item => new Milestone(item.Snapshot.Version, item.Snapshot.ModifiedTime, item.Name))];
            }
        }

        private void ChangeMilestones(DocumentCommit commit)
        {
            foreach (var version in commit.DropMilestones)
            {
                _milestones.Remove(version);
            }

            foreach (var milestone in commit.Milestones)
            {
                var name = milestone.Name ?? _milestones.GetValueOrDefault(milestone.Snapshot.Version)?.Name;
                _milestones[milestone.Snapshot.Version] = milestone with { Name = name };
            }
        }

        private void DropOperations(long before)
        {
            if (_operations.Count == 0 || _operations[0].Version >= before)
            {
                return;
            }

            var count = (int)Math.Min(before - _operations[0].Version, _operations.Count);
            for (var i = 0; i < count; i++)
            {
                _index.Remove(_operations[i].Id);
            }

            _operations.RemoveRange(0, count);
        }
    }
}
