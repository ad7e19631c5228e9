// The console's first file: the page of the center's call takers and dispatchers.
import '../lib/polyfills';
import 'leaflet/dist/leaflet.css';
import '../lib/tokens.css';
import './console.css';
import { mount } from 'svelte';
import Console from './Console.svelte';
import { recall } from './preferences.svelte';

recall();

const target = document.getElementById('app');
if (target === null) throw new Error('console.html has no #app');
export default mount(Console, { target });
