// A client of the Vampbridge server: OSC over UDP, on sclang's own port.
Vampbridge {
	classvar <>heartbeatSeconds = 10;

	var <addr;
	var <>onDone, <>onProgress, <>onError, <>onLog, <>onState, <>onReply;
	var hear, heartbeat, waiting, vamps, nextId = 0, saidHere = 0;

	*new { |hostname = "127.0.0.1", port = 8001|
		^super.new.init(NetAddr(hostname, port))
	}

	init { |server|
		addr = server;
		waiting = IdentityDictionary.new;
		vamps = IdentityDictionary.new;
		hear = { |msg, time, sender|
			if(sender == addr) { this.prHear(msg[0], msg[1..]) }
		};
		thisProcess.addOSCRecvFunc(hear);
		// Replies are wanted on sclang's own port. Said again now and then: it shows that somebody is here, and finds a
		// server that was started anew. A SkipJack outlives command-period.
		heartbeat = SkipJack({ this.prComeHere }, heartbeatSeconds, name: "Vampbridge", autostart: false);
		this.prComeHere;
		heartbeat.start;
	}

	free {
		heartbeat.stop;
		thisProcess.removeOSCRecvFunc(hear);
	}

	// Anything of the protocol. Booleans are sent as 1 and 0, nil as the word that stands for it.
	send { |address ... args|
		this.prSend(address, args.collect { |value|
			case
			{ value.isKindOf(Boolean) } { value.binaryValue }
			{ value.isNil } { "random" }
			{ value }
		})
	}

	// Action is called once with the arguments of the next reply of that address.
	ask { |address, action, replyAddress|
		var key = (replyAddress ? address).asSymbol;
		if(action.notNil) { waiting[key] = waiting[key].add(action) };
		this.send(address)
	}

	ping { |action| this.ask("/vamp/ping", action, "/vamp/pong") }
	status { |action| this.ask("/vamp/status", action) }
	version { |action| this.ask("/vamp/version", action) }

	set { |... pairs|
		pairs.pairsDo { |name, value| this.send("/vamp/set/" ++ name, value) }
	}

	get { |name, action|
		this.ask("/vamp/set/" ++ name, { |value| action.value(value) })
	}

	preset { |name| this.send("/vamp/preset", name) }

	// A drawn mask for the next vamp: an array of rows, coarse to fine, of 1 (vary) and 0 (keep).
	mask { |rows|
		var blob = Int8Array.newFrom(rows.flat.collect { |cell| cell.asInteger });
		this.prSend("/vamp/mask", [rows.size, rows.first.size, blob])
	}

	clearMask { this.send("/vamp/mask/clear") }

	// Files: absolute paths below the folders that the server was allowed.
	vamp { |pathIn, pathOut, action, onFail|
		var id = ("sc-" ++ NetAddr.langPort ++ "-" ++ (nextId = nextId + 1)).asSymbol;
		vamps[id] = [action, onFail];
		this.send("/vamp/file", pathIn.standardizePath, pathOut.standardizePath, id);
		^id
	}

	cancel { |id| this.send("/vamp/cancel", id) }

	// A Buffer in, a new Buffer out. Needs a running scsynth on this machine. The files stay in the folder.
	vampBuffer { |buffer, action, onFail, folder|
		var stem = (folder ? Platform.defaultTempDir).standardizePath +/+ "vampbridge" ++ "-" ++ NetAddr.langPort
			++ "-" ++ buffer.bufnum;
		fork {
			buffer.write(stem ++ "-loop.wav", "wav", "float");
			buffer.server.sync;
			this.vamp(stem ++ "-loop.wav", stem ++ "-vamp.wav", { |path|
				Buffer.read(buffer.server, path, action: action)
			}, onFail)
		}
	}

	// Loops on stage: `vampbridge live`.
	slot { |number = 1| ^VampbridgeSlot(this, number) }
	allSlots { ^VampbridgeSlot(this, "*") }

	subscribe { |on = true| this.send("/vamp/subscribe", on) }

	tap { this.send("/vamp/clock/tap") }
	tempo_ { |bpm| this.send("/vamp/clock/set/tempo_bpm", bpm) }

	prComeHere {
		saidHere = Main.elapsedTime;
		addr.sendMsg("/vamp/reply_port", NetAddr.langPort)
	}

	// Said ahead of what is sent, too, unless it just was: the server may not have been there the last time.
	prSend { |address, args|
		if(Main.elapsedTime - saidHere > 0.5) { this.prComeHere };
		addr.sendMsg(address, *args)
	}

	prHear { |address, args|
		var actions = waiting.removeAt(address);
		actions.do { |action| action.value(*args) };
		switch(address,
			'/vamp/done', { this.prDone(*args) },
			'/vamp/progress', { onProgress.value(*args) },
			'/vamp/error', { this.prFail(*args) },
			'/vamp/log', { if(onLog.notNil) { onLog.value(*args) } { ("Vampbridge:" + args[0]).postln } },
			{ this.prHearSlot(address, args) }
		);
		onReply.value(address, *args)
	}

	prHearSlot { |address, args|
		var words = address.asString.split($/);
		if((words[2] == "slot") and: { words[4] == "state" }) { onState.value(words[3].asInteger, *args) }
	}

	prDone { |id, path, seed, takeId, seconds|
		var actions = vamps.removeAt(id.asSymbol);
		if(actions.notNil) { actions[0].value(path.asString, seed, takeId, seconds) };
		onDone.value(id, path, seed, takeId, seconds)
	}

	prFail { |code, address, reason, id|
		var actions = vamps.removeAt(id.asSymbol);
		if(actions.notNil and: { actions[1].notNil }) { actions[1].value(code, reason) };
		if(onError.notNil) { onError.value(code, address, reason, id) } {
			"Vampbridge: % (%)".format(reason, address).warn
		}
	}
}

// One slot of `vampbridge live`: its verbs and its controls.
VampbridgeSlot {
	var <bridge, <number;

	*new { |bridge, number| ^super.newCopyArgs(bridge, number) }

	press { |verb| bridge.send(this.prAddress(verb), 1) }
	set { |... pairs| pairs.pairsDo { |name, value| bridge.send(this.prAddress("set/" ++ name), value) } }
	vampSet { |... pairs| pairs.pairsDo { |name, value| bridge.send(this.prAddress("vamp/set/" ++ name), value) } }
	preset { |name| bridge.send(this.prAddress("preset"), name) }
	recall { |takeId| bridge.send(this.prAddress("recall"), takeId) }
	state { |action| bridge.ask(this.prAddress("state"), action) }

	record { this.press("record") }
	overdub { this.press("overdub") }
	multiply { this.press("multiply") }
	insert { this.press("insert") }
	replace { this.press("replace") }
	substitute { this.press("substitute") }
	play { this.press("play") }
	undo { this.press("undo") }
	redo { this.press("redo") }
	reverse { this.press("reverse") }
	halfSpeed { this.press("half_speed") }
	doubleSpeed { this.press("double_speed") }
	mute { this.press("mute") }
	pause { this.press("pause") }
	oneShot { this.press("one_shot") }
	trigger { this.press("trigger") }
	clear { this.press("clear") }
	vamp { this.press("vamp") }
	auto { this.press("auto") }
	hold { this.press("hold") }

	prAddress { |rest| ^"/vamp/slot/" ++ number ++ "/" ++ rest }
}
