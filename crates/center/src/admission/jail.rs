//! The walls around a worker: memory, processor time, no file, no socket, no other program.
//!
//! A worker raises them itself before it reads its first question. The kernel keeps them: memory and processor
//! time by resource limits, the rest by a list of the system calls that judging needs (Linux).

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use std::io;

/// Address space of a worker, at most.
const MEMORY_BYTES: u64 = 512 * 1024 * 1024;

/// Raises the walls. There is no way back.
///
/// # Errors
/// The system's, when a limit or the list of calls is not taken.
pub fn confine() -> io::Result<()> {
    limit(Resource::As, MEMORY_BYTES)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    // Standard input, output and error are there; nothing more can be opened.
    limit(Resource::Nofile, 3)?;
    only_what_judging_needs()
}

/// Allows this process so many more seconds of processor time; when they are used up the kernel ends it. Whole
/// seconds are counted, so that up to one less is given.
///
/// # Errors
/// The system's, when the limit is not taken.
pub fn allow_cpu(seconds: u64) -> io::Result<()> {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(u64::MAX);
    let maximum = getrlimit(Resource::Cpu).maximum;
    setrlimit(Resource::Cpu, Rlimit { current: Some(used.saturating_add(seconds)), maximum })?;
    Ok(())
}

/// Whether neither a file nor a socket can be opened.
#[must_use]
pub fn is_confined() -> bool {
    std::fs::File::open("/").is_err() && std::net::UdpSocket::bind(("127.0.0.1", 0)).is_err()
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let maximum = getrlimit(resource).maximum.map_or(most, |maximum| maximum.min(most));
    setrlimit(resource, Rlimit { current: Some(maximum), maximum: Some(maximum) })?;
    Ok(())
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn only_what_judging_needs() -> io::Result<()> {
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
        apply_filter,
    };
    use std::collections::BTreeMap;
    /// Memory, the clock, randomness for hashed maps, its own limits, signals, and the end.
    const CALLS: &[i64] = &[
        libc::SYS_brk,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_prlimit64,
        libc::SYS_getrlimit,
        libc::SYS_setrlimit,
        libc::SYS_getrusage,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_tgkill,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_sched_yield,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    /// Calls that take a descriptor, the argument it is, and the one that is meant: whatever else this process
    /// inherited from whoever started the center is of no use to it. Memory comes from no descriptor at all.
    const ONLY_ON: &[(i64, u8, u64)] = &[
        (libc::SYS_read, 0, 0),
        (libc::SYS_readv, 0, 0),
        (libc::SYS_write, 0, 1),
        (libc::SYS_writev, 0, 1),
        (libc::SYS_mmap, 4, u32::MAX as u64),
    ];
    let refused = |_| io::Error::from(io::ErrorKind::Unsupported);
    let arch = std::env::consts::ARCH.try_into().map_err(|_| io::Error::from(io::ErrorKind::Unsupported))?;
    // A forbidden call gets "not permitted": a library that asks for more than it needs still runs.
    let not_permitted = SeccompAction::Errno(u32::try_from(libc::EPERM).unwrap_or(1));
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    for (call, argument, meant) in ONLY_ON {
        let condition = SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, *meant);
        let rule = condition.and_then(|condition| SeccompRule::new(vec![condition])).map_err(refused)?;
        rules.insert(*call, vec![rule]);
    }
    let filter = SeccompFilter::new(rules, not_permitted, SeccompAction::Allow, arch).map_err(refused)?;
    let program: BpfProgram = filter.try_into().map_err(refused)?;
    apply_filter(&program).map_err(|_| io::Error::from(io::ErrorKind::PermissionDenied))
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn only_what_judging_needs() -> io::Result<()> {
    Ok(())
}
